import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalBytes } from '#kernel/canonical-json';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { LogWriter, tell } from '#testing/joint-logs';
import type { Outcome } from '#testing/joint-logs';
import { sampleEntries, sampleLog, writeSampleLog } from '#testing/sample-log';
import { runAuditor } from './command';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sanfang-replay-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Three logs with one issue an outcome, below a folder of their own. */
function region(name: string, outcomes: readonly Outcome[], seed = 50): string {
  const writer = new LogWriter();
  outcomes.forEach((outcome, n) =>
    tell(writer, `f1-000${n + 1}`, { special: n === 1 ? 'selection' : 'none', steps: 4, outcomes: [outcome] }),
  );
  const logs = writer.logs();
  agencies.forEach((agency, n) => {
    const entries = logs[agency].map(({ id, type, stream, at, actor, data }, revision) =>
      canonicalBytes({ v: 1, id, type, stream, revision, at, actor, seen: {}, commit: '0'.repeat(64), data }),
    );
    const log = sampleLog(entries, { origin: originOf(agency), seed: new Uint8Array(32).fill(seed + n) });
    writeSampleLog(log, join(folder, name, agency));
  });
  return join(folder, name);
}
const originOf = (agency: Agency) => `${agency}.example/events/v1`;

async function run(...argv: string[]) {
  let [out, err] = ['', ''];
  const terminal = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  return { code: await runAuditor(argv, { ...terminal, isTerminal: false }), out, err };
}
const json = ({ out }: { out: string }) => JSON.parse(out) as Record<string, unknown>;

describe('a replay out of the logs alone', () => {
  it('says how many issues stand where, and gives two mirrors of the same logs the same line', async () => {
    const one = await run('replay', region('one', ['accepted', 'returned', 'open']));
    expect(one).toMatchObject({ code: 0, out: expect.stringContaining('共 3 个问题') });
    expect(one.out).toContain('县教育局党组:共 3,已销号 1,基本完成 0,未完成 2');
    expect(one.out).toMatch(/^WHOLE: /m);
    const digest = /重放摘要 SHA-256 [0-9a-f]{64}/.exec(one.out)![0];
    const folders = [...agencies]
      .reverse()
      .map((agency) => join(region('two', ['accepted', 'returned', 'open']), agency));
    expect((await run('replay', ...folders)).out).toContain(digest);
    expect((await run('replay', region('three', ['accepted', 'open', 'open']))).out).not.toContain(digest);
  });

  it('is compared with another one at the sizes of that one', async () => {
    const file = join(folder, 'replay.json');
    expect((await run('replay', region('before', ['accepted']), '--out', file)).code).toBe(0);
    const later = region('later', ['accepted', 'open']);
    expect(await run('replay', later, '--against', file)).toMatchObject({ code: 0 });
    expect(json(await run('replay', later, '--against', file, '--json'))).toMatchObject({
      verdict: 'WHOLE',
      totals: { issues: 1, status: { closedOut: 1 } },
    });
    const older = join(folder, 'older.json');
    await run('replay', later, '--out', older);
    const behind = await run('replay', join(folder, 'before'), '--against', older, '--json');
    expect(behind).toMatchObject({ code: 3 });
    expect(json(behind)).toMatchObject({ verdict: 'PARTIAL' });
  });

  it('names the log that is another one, and the first row that differs', async () => {
    const file = join(folder, 'replay.json');
    const here = region('here', ['accepted', 'open']);
    await run('replay', here, '--out', file);
    const fork = await run('replay', region('fork', ['returned', 'open']), '--against', file, '--json');
    expect(fork).toMatchObject({ code: 4, err: expect.stringContaining('DIVERGED') });
    const origin = expect.stringMatching(/^(commission|inspection)\.example/);
    expect(json(fork)).toMatchObject({ verdict: 'DIVERGED', origin });
    const changed = JSON.parse(readFileSync(file, 'utf8')) as { views: { view: string; rows: [string, string][] }[] };
    changed.views.find(({ view }) => view === 'ledger')!.rows[1]![1] = 'f'.repeat(64);
    writeFileSync(file, JSON.stringify(changed));
    const differs = await run('replay', here, '--against', file, '--json');
    expect(differs.code).toBe(4);
    expect(json(differs)).toMatchObject({ difference: { view: 'ledger', id: 'f1-0002', there: 'f'.repeat(64) } });
  });

  it('is partial without one of the logs or with a type that it does not know, and nothing for a changed byte', async () => {
    const here = region('here', ['accepted']);
    const two = await run('replay', join(here, 'inspection'), join(here, 'commission'), '--json');
    expect(two.code).toBe(3);
    expect(json(two)).toMatchObject({ verdict: 'PARTIAL', origin: 'organization' });
    rmSync(join(here, 'organization'), { recursive: true });
    const unknown = sampleLog(sampleEntries(2).map(asOrganization), { origin: originOf('organization') });
    writeSampleLog(unknown, join(here, 'organization'));
    const parked = json(await run('replay', here, '--json'));
    expect(parked).toMatchObject({ verdict: 'PARTIAL', origin: originOf('organization'), index: 0 });
    const bytes = readFileSync(join(here, 'organization/tile/entries/000.p/2'));
    writeFileSync(join(here, 'organization/tile/entries/000.p/2'), bytes.with(40, bytes[40]! ^ 1));
    const bad = await run('replay', here, '--json');
    expect(bad.code).toBe(1);
    expect(json(bad)).toMatchObject({ verdict: 'INVALID', index: 0 });
    expect(json(bad)).not.toHaveProperty('totals');
  });

  it('asks for a file that a replay wrote, and for each log once', async () => {
    const here = region('here', ['accepted']);
    expect(await run('replay', here, '--against', join(folder, 'none'))).toMatchObject({ code: 2 });
    expect(await run('replay', here, join(here, 'inspection'))).toMatchObject({ code: 2 });
  });
});

function asOrganization(bytes: Uint8Array): Uint8Array {
  const entry = JSON.parse(Buffer.from(bytes).toString('utf8')) as { actor: object };
  return canonicalBytes({ ...entry, actor: { ...entry.actor, agency: 'organization' } });
}
