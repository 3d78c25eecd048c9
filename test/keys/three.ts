// Three agencies in one process, each with its own database and folder, following each other over HTTP as they would from
// host to host: started and stopped one by one, with the operator's programs run between.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '#chassis/assemble';
import type { Service } from '#chassis/assemble';
import { readConfig } from '#chassis/config';
import type { Config } from '#chassis/config';
import { openDatabase } from '#chassis/database';
import { freePorts } from '#chassis/free-ports';
import { openLog } from '#chassis/logging';
import { sampleEvent } from '#chassis/relay-sample';
import type { Slice } from '#chassis/slice';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { openPgStore } from '#store/pg/pg-store';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';

type Row = Readonly<Record<string, unknown>>;

export class Three {
  readonly lines: string[] = [];
  private readonly running = new Map<Agency, Service>();
  private appended = 0;

  private constructor(
    private readonly postgres: TestPostgres,
    private readonly root: string,
    private readonly environment: Record<string, string>,
  ) {}

  static async make(): Promise<Three> {
    const postgres = await startTestPostgres();
    const root = mkdtempSync(join(tmpdir(), 'sanfang-three-'));
    const ports = await freePorts(6);
    const environment: Record<string, string> = {
      SANFANG_DATA: root,
      SANFANG_PORT: String(ports[0]),
      LOG_LEVEL: 'warn',
    };
    for (const agency of agencies) environment[`${agency.toUpperCase()}_DATABASE_URL`] = await postgres.fresh();
    return new Three(postgres, root, environment);
  }

  config(agency: Agency): Config {
    return readConfig(agency, this.environment);
  }

  slices(agency: Agency): Slice[] {
    const map = { RoundClosed: ({ data }: { data: object }) => ({ type: 'inspection.round-closed.v1', data }) };
    const round = agency === 'inspection' ? [{ decider: 'round', map }] : [];
    return [{ name: 'all', publishing: round }];
  }

  async start(...names: Agency[]): Promise<void> {
    for (const agency of names) {
      const service = await assemble({
        config: this.config(agency),
        slices: this.slices(agency),
        log: openLog('warn', agency, { write: (line: string) => void this.lines.push(line) }),
        web: join(this.root, 'no-console'),
        onFatal: (what, error) => void this.lines.push(`fatal ${what} ${error.message}`),
      });
      this.running.set(agency, service);
    }
  }

  async stop(...names: Agency[]): Promise<void> {
    for (const agency of names) {
      await this.running.get(agency)?.stop();
      this.running.delete(agency);
    }
  }

  /** Events of the office, which its next start publishes; every third stays inside. */
  async say(count: number): Promise<void> {
    const store = await openPgStore({ url: this.config('inspection').databaseUrl as string, durability: 'unchecked' });
    const events = Array.from({ length: count }, () => sampleEvent(this.appended++));
    const before = this.appended - count;
    await store.append('round-1', events, before === 0 ? 'no_stream' : BigInt(before - 1));
    await store.close();
  }

  /** Verifier key line of a key file in the trust folder: what was given to the peers at the first start. */
  given(role: string): string {
    return readFileSync(join(this.root, 'trust', `${role}.vkey`), 'utf8').trim();
  }

  feed(agency: Agency): string {
    const { feedHost, feedPort } = this.config(agency);
    return `http://${feedHost}:${feedPort}`;
  }

  async text(agency: Agency, path: string): Promise<string> {
    return (await fetch(`${this.feed(agency)}${path}`)).text();
  }

  async rows(agency: Agency, sql: string): Promise<Row[]> {
    const service = this.running.get(agency);
    if (service) return service.database.query(sql);
    const url = this.config(agency).databaseUrl as string;
    const database = await openDatabase({
      ...{ url, applicationName: 'test', migrations: [] },
      onPoolError: () => undefined,
    });
    return database.query(sql).finally(() => database.destroy());
  }

  /** Entries that the agency holds of the office's log. */
  async held(agency: Agency): Promise<number> {
    const [row] = await this.rows(agency, `select size from inbox.peer where agency = 'inspection'`);
    return Number(row?.['size'] ?? 0);
  }

  async end(): Promise<void> {
    await this.stop(...agencies);
    await this.postgres.stop();
    rmSync(this.root, { recursive: true, force: true });
  }
}

export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`not within 20 s: ${what}`);
}
