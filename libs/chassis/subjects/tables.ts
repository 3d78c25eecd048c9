// Data keys and what they open. Beside the event store, never in it: a store without update could not lose a key.
import { migration } from '../database';

export const subjectMigrations = [
  migration(
    2026120201,
    'Subjects',
    `create schema if not exists subjects;
     create table subjects.key (
       subject text primary key,
       wrapping text,
       cipher text,
       wrapped text,
       destroyed_at text,
       check ((wrapped is null) = (destroyed_at is not null)),
       check ((wrapped is null) = (wrapping is null) and (wrapped is null) = (cipher is null))
     );
     create table subjects.body (
       origin text not null,
       id uuid not null,
       subject text not null references subjects.key,
       type text not null,
       sealing_key text not null,
       cipher text,
       wrapped text,
       kept text not null,
       primary key (origin, id)
     );
     create index body_by_subject on subjects.body (subject);`,
  ),
];
