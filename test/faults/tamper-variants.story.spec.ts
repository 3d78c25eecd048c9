// An administrator changes the records of his own agency, in one place or in all of them, with and without the log's key.
// Each way is tried on a copy of a real history, and found by whom it must be found.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { Follower } from '#stream/follower';
import { httpSource } from '#stream/http-source';
import { PgInbox } from '#stream/pg/inbox';
import { serveFiles } from '#testing/sample-server';
import type { SampleServer } from '#testing/sample-server';
import { parseVkey } from '#tlog/key';
import { runAuditor } from '../../apps/auditor/src/command';
import { Region } from '../../apps/region/src/region';
import { until } from '../../apps/region/src/scenario';
import { agency, Forger, origin } from './forger';
import { evidenceIn, KeptRegion } from './kept-region';
import type { Copy } from './kept-region';
import { events, inboxes, rows, views } from './tamper-inside';
import { checkpoints, consistent, files } from './tamper-shown';
import { retitle } from './variant';
import type { Places, Unseen, Variant } from './variant';

jest.setTimeout(180_000);
const variants: readonly Variant[] = [
  ...[...events, ...rows, ...checkpoints, ...files, ...consistent, ...views, ...inboxes],
];
const patience = 60;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const store = mkdtempSync(join(tmpdir(), 'sanfang-variants-'));
const policy = join(store, 'policy');
const mirror = join(store, 'mirror');
let kept: KeptRegion;
let at: Places;
let copies: Copy[] = [];

beforeAll(async () => {
  kept = await KeptRegion.make();
  const copy = await copied();
  writeFileSync(policy, policyOf(copy));
  at = await placesOf(new Forger(copy));
  expect(await auditOf(copy)).toBe('WHOLE');
  await served(copy, (url) => audited(['mirror', url, mirror]));
});
afterEach(() => {
  for (const copy of copies.splice(0)) copy.end();
});
afterAll(async () => {
  rmSync(store, { recursive: true, force: true });
  await kept?.end();
});

async function copied(): Promise<Copy> {
  const copy = await kept.copy();
  copies.push(copy);
  return copy;
}

function policyOf(copy: Copy): string {
  const vkey = (name: string) => readFileSync(join(copy.data, 'trust', `${name}.vkey`), 'utf8').trim();
  const logs = agencies.map((name) => `log ${vkey(name)}`);
  const witnesses = agencies.map((name) => `witness ${name} ${vkey(`${name}.witness`)}`);
  return [...logs, ...witnesses, `group all 2 ${agencies.join(' ')}`, 'quorum all', ''].join('\n');
}

async function placesOf(forger: Forger): Promise<Places> {
  const entries = await forger.sql('select index, position from log.entry order by index');
  const width = entries.length - 256;
  const widths = readdirSync(join(forger.log, 'tile/entries/001.p')).map(Number);
  const earlier = Math.max(...widths.filter((each) => each < width));
  const positionOf = (index: number): string => entries[index]?.['position'] as string;
  const sizes = (of: Record<string, string>[]): number[] => of.map(({ size }) => Number(size));
  const signed = sizes(await forger.sql('select size from log.checkpoint order by size'));
  const cosigned = sizes(
    await forger.sql('select distinct size from witness.cosignature where origin = $1 order by size', origin),
  );
  return { size: entries.length, k: 120, late: 256, width, earlier, positionOf, signed, cosigned };
}

/** Verdict and index of what an outsider's command says. */
async function audited(words: readonly string[]): Promise<string> {
  let said = '';
  await runAuditor([...words, '--json'], {
    out: (text) => void (said += text),
    err: () => undefined,
    isTerminal: false,
  });
  const { verdict, index } = JSON.parse(said.trim().split('\n').at(-1) as string) as Record<string, unknown>;
  return index === undefined ? String(verdict) : `${String(verdict)} ${String(index)}`;
}

const auditOf = (copy: Copy): Promise<string> =>
  audited(['verify', join(copy.folder(agency), 'log'), '--policy', policy]);

/** The changed log before whoever asks by HTTP. */
async function served<T>(copy: Copy, ask: (url: string) => Promise<T>): Promise<T> {
  const log = join(copy.folder(agency), 'log');
  const files = new Map<string, Uint8Array>();
  for (const name of readdirSync(log, { recursive: true, withFileTypes: true })) {
    const path = join(name.parentPath, name.name);
    if (name.isFile()) files.set(path.slice(log.length + 1), readFileSync(path));
  }
  const server: SampleServer = await serveFiles(files);
  try {
    return await ask(`${server.url}/log`);
  } finally {
    await server.close();
  }
}

/** An auditor who took a copy before looks again. */
async function auditWithPast(copy: Copy): Promise<string> {
  const folder = mkdtempSync(join(store, 'mirror-'));
  cpSync(mirror, folder, { recursive: true });
  return served(copy, (url) => audited(['mirror', url, folder]));
}

/** The commission's follower, on what the commission holds, is shown the changed log. */
async function peerOf(copy: Copy): Promise<string> {
  const database = await new DataSource({ type: 'postgres', url: copy.urls.commission }).initialize();
  try {
    return await served(copy, async (url) => {
      const source = httpSource(url);
      const inbox = new PgInbox(database, new Map([[origin, agency]]));
      const key = parseVkey(readFileSync(join(copy.data, 'trust', `${agency}.vkey`), 'utf8').trim());
      const clock = () => new Date().toISOString();
      const follower = new Follower({ origin, key, source, inbox, clock, log: silent, onAccepted: () => undefined });
      const step = await follower.step();
      source.close();
      const { older, refused, forks } = follower.counts();
      const [{ count }] = await database.query('select count(*)::int as count from inbox.evidence');
      if (forks > 0) return step === 'stopped' && count === 1 ? 'fork' : 'a fork without evidence';
      if (refused > 0) return count === 1 ? 'refused' : 'refused without evidence';
      return older > 0 ? 'older' : step;
    });
  } finally {
    await database.destroy();
  }
}

async function findingsOf(copy: Copy): Promise<string[]> {
  const { ok, findings } = await copy.fsck(agency);
  expect(ok).toBe(findings.length === 0);
  // What the read models show follows from the events; only where nothing else was changed is it a finding of its own.
  const own = findings.filter(({ part }) => part !== 'views');
  return (own.length > 0 ? own : findings).map(({ part, fault, index, name, origin: of }) =>
    [part, fault, index ?? name, ...(of === undefined ? [] : [`of ${of.split('.')[0]}`])].join(' '),
  );
}

const expected = <T>(told: ((places: Places) => T) | Unseen, otherwise: T): T =>
  typeof told === 'function' ? told(at) : otherwise;

it('finds nothing in a copy that nobody changed, also when it was written anew from its events', async () => {
  const copy = await copied();
  const forger = new Forger(copy);
  const before = forger.bytes('checkpoint');
  await forger.rewriteFromEvents('stolen', { keepCosigned: true });
  expect(forger.bytes('checkpoint').equals(before)).toBe(true);
  expect(await findingsOf(copy)).toEqual([]);
  expect([await auditOf(copy), await auditWithPast(copy), await peerOf(copy)]).toEqual(['WHOLE', 'WHOLE', 'nothing']);
});

it.each(variants)('$what', async ({ harm, fsck, audit, past, peer }) => {
  const copy = await copied();
  await harm(new Forger(copy), at);
  const found = {
    audit: await auditOf(copy),
    past: await auditWithPast(copy),
    peer: await peerOf(copy),
  };
  expect(found).toEqual({
    audit: expected(audit, 'WHOLE'),
    past: expected(past, 'WHOLE'),
    peer: typeof peer === 'string' ? peer : 'nothing',
  });
  const findings = await findingsOf(copy);
  const named = expected(fsck, []);
  expect(findings.slice(0, 500).filter((each) => named.length === 0 || named.includes(each))).toEqual(named);
});

describe('real services on records that were changed', () => {
  it('sign nothing for a history that was rewritten with the stolen key', async () => {
    const copy = await copied();
    const forger = new Forger(copy);
    await forger.events(retitle, at.positionOf(at.k));
    await forger.rewriteFromEvents('stolen');
    await forger.forgetWitnesses();
    const refusal = (launched: Promise<unknown>): Promise<string> =>
      launched.then(
        () => 'it started',
        (error: Error) => error.message,
      );
    const started = await Region.start({ data: copy.data, env: copy.settings, restart: false }).catch(
      (error: Error) => error,
    );
    // Whether its witnesses answered in time at the start, or only later, is a matter of moments.
    if (started instanceof Error) return expect(started.message).toContain('拒绝签名');
    try {
      await until('it ends', async () => (started.pid(agency) === undefined ? true : undefined), patience);
      expect(await refusal(started.launch(agency))).toContain('拒绝签名');
    } finally {
      await started.stop();
    }
  });

  it('find by their scrub a bit that flipped, heal it from another copy, and tell it', async () => {
    const copy = await copied();
    const forger = new Forger(copy);
    const [bundle, tile] = ['tile/entries/000', 'tile/0/000'];
    const evidence = join(copy.folder(agency), evidenceIn(copy.folder('commission'))[0] as string);
    const whole = [forger.bytes(bundle), forger.bytes(tile), readFileSync(evidence)];
    forger.edit(bundle, (bytes) => flipped(bytes, 900));
    forger.edit(tile, (bytes) => flipped(bytes, 64));
    writeFileSync(evidence, flipped(whole[2] as Buffer, 3));
    const row = 'set bytes = set_byte(bytes, 40, get_byte(bytes, 40) # 1) where index = 200';
    await forger.sql(`update log.entry ${row}`);
    await copy.as('commission', (sql) => sql.query(`update inbox.entry ${row} and origin = $1`, [origin]));
    const env = { ...copy.settings, SCRUB_PER_SECOND: '200' };
    const region = await Region.start({ data: copy.data, env, restart: false });
    try {
      const healed = async (of: Agency, parts: readonly string[]): Promise<true | undefined> => {
        const text = 'select distinct part from scrub.damage where healed_at is not null order by part';
        const { rows: told } = await copy.as(of, (sql) => sql.query<{ part: string }>(text));
        return parts.every((part) => told.some((each) => each.part === part)) ? true : undefined;
      };
      await until('the office has healed', () => healed(agency, ['entries', 'evidence', 'files']), patience);
      await until('the commission has healed', () => healed('commission', ['inbox']), patience);
    } finally {
      await region.stop();
    }
    expect([forger.bytes(bundle), forger.bytes(tile), readFileSync(evidence)]).toEqual(whole);
    for (const each of [agency, 'commission'] as const) expect(await copy.fsck(each)).toMatchObject({ ok: true });
  });
});

const flipped = (bytes: Buffer, place: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(place) ^ 1, place);
  return changed;
};
