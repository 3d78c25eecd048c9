// Tables of read models. Their definition comes from the view itself: a read model is disposable, so its table is built
// from the code that fills it and replaced as a whole, never migrated (ADR 0008).
import type { Sql } from '../database';
import type { AnyView, ColumnType } from '#kernel/view';

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'bigint',
  json: 'jsonb',
  texts: 'text[]',
};

export const viewMigrationSql = `
  create extension if not exists pg_trgm schema public;
  create schema views;
  create table views.live (view text primary key, version integer not null);
  create table views.cursor (
    view text not null, generation text not null, source text not null, position bigint not null,
    primary key (view, generation, source)
  );
  create table views.reactor_cursor (
    reactor text not null, source text not null, position bigint not null, primary key (reactor, source)
  );
  create table views.parked (
    consumer text not null, source text not null, position bigint not null, stream text not null, type text not null,
    reason text not null, parked_at text not null, primary key (consumer, source, position)
  );
  create index on views.parked (consumer, source, stream);
  create function views.demand(ok boolean, what text) returns void language plpgsql as $$
    begin
      if not ok then raise exception '%', what using errcode = '40001'; end if;
    end $$;`;

/** `live` is what readers see; `next` is being built beside it. */
export type Generation = 'live' | 'next';

export function tableOf(view: AnyView, generation: Generation = 'live'): string {
  return `views.${snake(view.name)}${generation === 'next' ? '__next' : ''}`;
}

export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export async function createTable(sql: Sql, view: AnyView, generation: Generation): Promise<void> {
  const table = tableOf(view, generation);
  await sql.query(`drop table if exists ${table}`);
  const columns = Object.entries(view.columns).map(
    ([name, type]) => `${snake(name)} ${sqlTypes[type as ColumnType]} not null${name === 'id' ? ' primary key' : ''}`,
  );
  await sql.query(`create table ${table} (${columns.join(', ')})`);
  for (const [name, type] of Object.entries(view.columns)) {
    // They are read by their index alone; to compress them took a quarter of the time that their row needs.
    if (type === 'texts') await sql.query(`alter table ${table} alter column ${snake(name)} set storage external`);
  }
}

/** After the rows are there: one sorted build costs a fraction of keeping an index right row by row. */
export async function createIndexes(sql: Sql, view: AnyView, generation: Generation): Promise<void> {
  for (const index of view.indexes ?? []) await sql.query(`create index on ${tableOf(view, generation)} ${index}`);
}

type Row = { readonly id: string };

export async function loadRows<R extends Row>(
  sql: Sql,
  view: AnyView,
  generation: Generation,
  ids: readonly string[],
): Promise<Map<string, R>> {
  if (ids.length === 0) return new Map();
  const rows: object[] = await sql.query(
    `select ${selectList(view)} from ${tableOf(view, generation)} where id = any($1)`,
    [ids],
  );
  return new Map(rows.map((row) => [(row as R).id, fromStored<R>(view, row)]));
}

/** Rows to write and to remove, as parts of one statement; `bind` adds a parameter and gives its placeholder. */
export function writesOf(
  view: AnyView,
  generation: Generation,
  changed: readonly Row[],
  removed: readonly string[],
  bind: (value: unknown) => string,
): string[] {
  const table = tableOf(view, generation);
  const writes: string[] = [];
  if (removed.length > 0) writes.push(`delete from ${table} where id = any(${bind(removed)}::text[])`);
  if (changed.length === 0) return writes;
  const names = Object.keys(view.columns);
  const typed = names.map((name) => `"${name}" ${sqlTypes[view.columns[name] as ColumnType]}`).join(', ');
  const updates = names.filter((name) => name !== 'id').map((name) => `${snake(name)} = excluded.${snake(name)}`);
  const rows = bind(JSON.stringify(changed.map((row) => stored(view, row))));
  writes.push(
    `insert into ${table} (${names.map(snake).join(', ')})
     select ${names.map((name) => `"${name}"`).join(', ')} from json_to_recordset(${rows}::json) as row(${typed})
     on conflict (id) do ${updates.length > 0 ? `update set ${updates.join(', ')}` : 'nothing'}`,
  );
  return writes;
}

/** Columns under the row's own property names, for a select over the view's table. */
export function selectList(view: AnyView, alias = ''): string {
  return Object.keys(view.columns)
    .map((name) => `${alias}${snake(name)} as "${name}"`)
    .join(', ');
}

/** node-postgres hands bigint back as text; a view's integers are safe integers. */
export function fromStored<R extends Row>(view: AnyView, row: object): R {
  const result: Record<string, unknown> = { ...row };
  for (const [name, type] of Object.entries(view.columns)) {
    if (type === 'integer') result[name] = Number(result[name]);
  }
  return result as R;
}

/**
 * SHA-256 (hex) over the SHA-256 of each row in order of id: equal digests mean byte-equal read models. Hashed row by
 * row, because all rows in one text would pass the gigabyte that PostgreSQL can hold in a value.
 */
export async function digestOf(sql: Sql, view: AnyView, generation: Generation = 'live'): Promise<string> {
  const rows: { digest: string }[] = await sql.query(
    `select encode(sha256(coalesce(string_agg(sha256(convert_to(to_jsonb(t)::text, 'UTF8')), ''::bytea
       order by id collate "C"), ''::bytea)), 'hex') as digest from ${tableOf(view, generation)} t`,
  );
  return rows[0]?.digest ?? '';
}

/** The row's columns as `json_to_recordset` takes them. */
function stored(view: AnyView, row: Row): object {
  const result: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(view.columns)) {
    const value = (row as Record<string, unknown>)[name];
    result[name] = type === 'texts' ? arrayLiteral(value as readonly string[]) : value;
  }
  return result;
}

const plain = /^(?!null$)[^\s{}",\\]+$/i;

/** PostgreSQL reads its own spelling of an array in half the time that it needs for a JSON array of texts. */
function arrayLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => (plain.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`)).join(',')}}`;
}
