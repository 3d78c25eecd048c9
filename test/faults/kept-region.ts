// The history of a region, made once by three real services and then stopped, and copies of it to do harm to: three
// databases and a data folder each. Everything that reads a copy afterwards is the product's own programs.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Client as Postgres } from 'pg';
import { paths } from '#contracts/api';
import type { OutlineLine } from '#contracts/api';
import type { FeedbackPage, LedgerLine } from '#contracts/answers';
import type { Report } from '#chassis/fsck/run';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { program } from '../../apps/region/src/programs';
import { Region } from '../../apps/region/src/region';
import { agreed, claim, ledger, openFeedback, rectify, until, verify } from '../../apps/region/src/scenario';
import { requestCloseOut, settled } from '../../apps/region/src/scenario';
import type { Cast, Opened, Staff } from '../../apps/region/src/scenario';
import { demandForeign } from '../foreign/after-story';
import { feedbackDate, feedbackOf, twoUnits } from '../stories/world';

export type Urls = Readonly<Record<Agency, string>>;
export const originOf = (agency: Agency): string => `${agency}.sanfang.example/events/v1`;
const logSizeOf = (note: Buffer): string => note.toString('utf8').split('\n')[1] ?? '';
const perAgency = async <T>(make: (agency: Agency) => Promise<T>): Promise<Record<Agency, T>> => {
  const made = await Promise.all(agencies.map(async (agency) => [agency, await make(agency)] as const));
  return Object.fromEntries(made) as Record<Agency, T>;
};

export class KeptRegion {
  private constructor(
    private readonly postgres: TestPostgres,
    private readonly urls: Urls,
    private readonly folder: string,
  ) {}

  /** Three agencies, six issues of which one is closed, and a second feedback long enough for full tiles. */
  static async make(): Promise<KeptRegion> {
    const postgres = await startTestPostgres();
    const urls = await perAgency(() => postgres.fresh());
    const folder = mkdtempSync(join(tmpdir(), 'sanfang-kept-region-'));
    const region = await Region.start({ data: folder, env: settingsOf(folder, urls), restart: false });
    try {
      await happened(region, await openFeedback(region, twoUnits, feedbackDate));
    } finally {
      await region.stop();
    }
    await demandForeign(folder);
    return new KeptRegion(postgres, urls, folder);
  }

  async copy(): Promise<Copy> {
    const folder = mkdtempSync(join(tmpdir(), 'sanfang-copy-'));
    cpSync(this.folder, folder, { recursive: true, preserveTimestamps: true });
    return new Copy(folder, await perAgency((agency) => this.postgres.copy(this.urls[agency])));
  }

  async end(): Promise<void> {
    await this.postgres.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class Copy {
  constructor(
    readonly data: string,
    readonly urls: Urls,
  ) {}

  folder(agency: Agency): string {
    return join(this.data, agency);
  }

  get settings(): Record<string, string> {
    return settingsOf(this.data, this.urls);
  }

  /** As the owner of an agency's database, who may take its guards away. */
  async as<T>(agency: Agency, work: (sql: Postgres) => Promise<T>): Promise<T> {
    const sql = new Postgres({ connectionString: this.urls[agency] });
    await sql.connect();
    try {
      return await work(sql);
    } finally {
      await sql.end();
    }
  }

  /** `npm run fsck` of the agency whose data were changed. */
  async fsck(agency: Agency): Promise<Report> {
    const words = [program(`apps/${agency}/src/main`), 'fsck', '--json'];
    const env = { ...process.env, ...this.settings };
    return new Promise((resolve, reject) => {
      execFile(process.execPath, words, { env, maxBuffer: 1 << 26, timeout: 120_000 }, (error, out, said) => {
        if (error && error.code !== 1) reject(new Error(`fsck did not check: ${said}`));
        else resolve(JSON.parse(out.trim().split('\n').at(-1) as string) as Report);
      });
    });
  }

  end(): void {
    rmSync(this.data, { recursive: true, force: true });
  }
}

function settingsOf(data: string, urls: Urls): Record<string, string> {
  const databases = agencies.map((agency) => [`${agency.toUpperCase()}_DATABASE_URL`, urls[agency]]);
  // The scrub would heal, while the history is made or shown, what nobody may touch.
  return { SANFANG_DATA: data, SCRUB_PER_SECOND: '0', API_PER_MINUTE: '100000', ...Object.fromEntries(databases) };
}

async function happened(region: Region, story: Opened): Promise<void> {
  const { cast } = story;
  const lines = await ledger(cast.office);
  await manyIssues(cast, story.roundId, lines[0] as LedgerLine);
  for (const line of lines) await claim(cast.staff.get(line.unitId) as Staff, line.issueId);
  const [closed] = lines as [LedgerLine];
  await rectify(cast.staff.get(closed.unitId) as Staff, closed.issueId, closed.due, feedbackDate);
  await requestCloseOut(cast, closed);
  await verify(cast, closed, 'accept');
  await settled(cast, closed.issueId, 'closedOut');
  await agreed(cast, 60);
  await until(
    'the commission holds the evidence',
    () => Promise.resolve(evidenceIn(region.folder('commission')).length > 0 ? true : undefined),
    60,
  );
  for (const agency of agencies) {
    const log = join(region.folder(agency), 'log');
    await until(
      `the newest checkpoint of the ${agency} is cosigned`,
      () => {
        const [shown, cosigned] = ['checkpoint', 'cosigned'].map((name) => readFileSync(join(log, name)));
        const whole = logSizeOf(shown as Buffer) === logSizeOf(cosigned as Buffer);
        return Promise.resolve(whole && cosigned?.toString('utf8').match(/^— /gm)?.length === 3 ? true : undefined);
      },
      60,
    );
  }
}

/** What an agency keeps as files, below its folder; the office's papers are among its own, at the others evidence alone. */
export function evidenceIn(folder: string): string[] {
  const files = join(folder, 'files');
  if (!existsSync(files)) return [];
  const found = readdirSync(files, { recursive: true, withFileTypes: true });
  return found.flatMap(({ name, parentPath }) =>
    /^[0-9a-f]{62}$/.test(name) ? [join(relative(folder, parentPath), name)] : [],
  );
}

async function manyIssues({ office }: Cast, roundId: string, { unitId, unitName }: LedgerLine): Promise<void> {
  const paper = feedbackOf([unitName], ['学习贯彻部署要求不够及时']);
  const { id } = await office.upload(paths.feedbacks, paper, { roundId, feedbackDate });
  const [pattern] = (await office.get<FeedbackPage>(paths.feedback(id))).lines;
  const lines = Array.from({ length: 270 }, (_, n): OutlineLine => {
    const own = { key: `m${n}`, number: `${n + 1}`, title: `第${n + 1}项工作落实不够到位`, text: '具体表现。' };
    return { ...(pattern as OutlineLine), ...own, unitId };
  });
  await office.send(paths.outline(id), { lines });
  await office.send(paths.freeze(id), { difference: '示范' });
  await until(
    'the ledger holds them',
    async () => ((await ledger(office)).length > lines.length ? true : undefined),
    60,
  );
}
