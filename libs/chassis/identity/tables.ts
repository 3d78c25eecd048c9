// Accounts, sessions and failed attempts live in the agency's own database and nowhere else: no agency can sign in at
// another, and the log never learns of a password or a session.
import { migration } from '../database';

export const identityMigrations = [
  migration(
    2026112431,
    'Identity',
    `create schema if not exists identity;
     create table identity.account (
       id uuid primary key,
       login text not null unique,
       name text not null,
       role text not null,
       unit_id text,
       unit_name text,
       units text[] not null default '{}',
       password_hash text not null,
       disabled boolean not null default false,
       created_at timestamptz not null
     );
     create table identity.session (
       id_hash text primary key,
       account_id uuid not null references identity.account (id) on delete cascade,
       created_at timestamptz not null,
       last_seen timestamptz not null,
       expires timestamptz not null,
       address text not null,
       agent text not null
     );
     create index session_account on identity.session (account_id);
     create index session_expires on identity.session (expires);
     -- By login, known or not: a lock must not tell whether an account exists.
     create table identity.attempt (
       login text primary key,
       failed integer not null,
       last_at timestamptz not null,
       locked_until timestamptz
     );`,
  ),
];
