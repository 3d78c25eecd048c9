// An append is answered only when it will outlive a power cut. That holds only if the server below keeps its word, so
// its settings are asked at each start, and a service on a server that does not keep it refuses to run.

/** Anything that runs one statement the way `pg` does: `(sql) => pool.query(sql)`. */
export type Querying = (sql: string) => Promise<{ rows: unknown[] }>;

/** The server would lose or damage data in a crash, or cannot hold the texts; all faults at once. */
export class NotDurable extends Error {
  constructor(readonly faults: readonly string[]) {
    super(
      `数据库设置不能保证数据安全，服务拒绝启动（${faults.length} 项）。\n` +
        `The PostgreSQL server cannot be trusted with an audit history:\n- ${faults.join('\n- ')}`,
    );
    this.name = 'NotDurable';
  }
}

const MUST: Readonly<Record<string, { readonly among: readonly string[]; readonly otherwise: string }>> = {
  fsync: { among: ['on'], otherwise: 'a power cut can corrupt the whole cluster' },
  full_page_writes: { among: ['on'], otherwise: 'a page half-written in a crash cannot be repaired' },
  synchronous_commit: { among: ['on', 'remote_apply'], otherwise: 'answered appends are lost in a crash' },
  data_sync_retry: { among: ['off'], otherwise: 'after a failed fsync, lost pages are taken for written ones' },
};

const QUESTION =
  `SELECT name, setting FROM pg_settings WHERE name IN ('${Object.keys(MUST).join("', '")}', 'data_checksums', ` +
  `'server_version_num', 'server_encoding')`;

/**
 * Checks the server behind a session of the service's own role, since a role may carry settings of its own.
 * @returns warnings for the operator: an external server may do without data checksums, an embedded one may not
 * @throws NotDurable with every fault
 */
export async function assertDurable(query: Querying, place: 'embedded' | 'external' = 'external'): Promise<string[]> {
  const rows = (await query(QUESTION)).rows as { name: string; setting: string }[];
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  const faults = Object.entries(MUST).flatMap(([name, { among, otherwise }]) => {
    const setting = settings.get(name) ?? 'unknown';
    return among.includes(setting) ? [] : [`${name} is ${setting}: ${otherwise}. Remedy: set it to ${among[0]}.`];
  });
  const version = Number(settings.get('server_version_num') ?? 0);
  if (!(version >= 150_000))
    faults.push(`the server is of version ${version}: 15 (150000) is the oldest supported. Remedy: upgrade it.`);
  const encoding = settings.get('server_encoding') ?? 'unknown';
  if (encoding !== 'UTF8')
    faults.push(`the database is encoded in ${encoding}. Remedy: create it with ENCODING 'UTF8' TEMPLATE template0.`);
  const unchecked =
    settings.get('data_checksums') === 'on'
      ? []
      : ['data_checksums is off: a disk that returns wrong bytes goes unnoticed. Remedy: pg_checksums --enable.'];
  if (place === 'embedded') faults.push(...unchecked);
  if (faults.length > 0) throw new NotDurable(faults);
  return unchecked;
}
