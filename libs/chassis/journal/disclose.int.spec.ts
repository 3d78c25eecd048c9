// What an agency shows of its journal, made from a real database and store, and checked by the outsider's code.
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCanonical } from '#kernel/canonical-json';
import type { JsonObject } from '#kernel/canonical-json';
import { Asking } from '#chassis/asking';
import { sampleEvent, silent } from '#chassis/relay-sample';
import { openPgStore } from '#store/pg/pg-store';
import { KeptAgency, keptSlices } from '#testing/kept-agency';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { isAnchorType } from '#tlog/anchor';
import { checkAnchors, readAnchors } from '#tlog/anchors-file';
import { toBase64 } from '#tlog/bytes';
import { addSignatures, openCheckpoint } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { checkDisclosure } from '#tlog/disclosure';
import { COSIGNER_KEY_TYPE, signingKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import type { Policy } from '#tlog/policy';
import { keepCosigned } from '../witness/tables';
import { makeAnchors, makeDisclosure } from './disclose';
import type { DiscloseParts } from './disclose';
import { runDisclose, understand } from './disclose-run';
import { Journal } from './journal';

jest.setTimeout(120_000);

const witness = signingKey('commission.sanfang.example/witness/v1', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(9));
const base = Date.parse('2026-03-02T01:00:00.000Z');
let now = base;
let postgres: TestPostgres;
let kept: KeptAgency;
let policy: Policy;
const idOf = (n: number) => sampleEvent(n).id;
const parts = (): DiscloseParts => {
  return { store: kept.store, sql: kept.database, agency: 'inspection', key: kept.keys.log, witnesses: [witness] };
};

beforeAll(async () => {
  postgres = await startTestPostgres();
  kept = await KeptAgency.make(await postgres.fresh());
  const rule = { kind: 'witness', name: 'commission' } as const;
  policy = { logs: [kept.keys.log], witnesses: [{ name: 'commission', key: witness }], rule, quorum: 'commission' };
  await kept.fill(30);
  await anchored();
  await kept.append(9);
  now += 600_000;
  await anchored();
  await kept.append(3);
  await anchored(false);
  await cosigned();
});
afterAll(async () => {
  await kept?.end();
  await postgres?.stop();
});

/** Lets a journaler take what there is and make one anchor. */
async function anchored(anchors = true): Promise<void> {
  const { store, database, config, keys } = kept;
  const clock = { now: () => new Date(now).toISOString() };
  const asking = new Asking({ store, clock, seen: () => ({}), commitKey: keys.commitKey });
  let fatal: Error | undefined;
  const journal = await Journal.open({
    ...{ store, database, agency: 'inspection', origin: config.origin, keyOf: keys.journal, everySeconds: 600 },
    ...{ clock: clock.now, log: silent, onFatal: (error) => (fatal = error) },
    sleep: () => new Promise((resolve) => setTimeout(resolve, 1)),
  });
  const head = Number(await store.head());
  while (journal.size() < head && !fatal) await new Promise((resolve) => setTimeout(resolve, 2));
  const before = journal.lastAt();
  if (anchors) {
    now += 600_000;
    journal.anchor((ask) => asking.ask(ask));
  }
  while (anchors && journal.lastAt() === before && !fatal) await new Promise((resolve) => setTimeout(resolve, 2));
  await journal.stop();
  if (fatal) throw fatal;
}

/** The witness stands by every checkpoint, a minute after the entry before it was decided. */
async function cosigned(): Promise<void> {
  const rows: { size: string; note: string }[] = await kept.database.query('select size, note from log.checkpoint');
  for (const row of rows) {
    const { text, signatures } = parseNote(Buffer.from(row.note));
    const { size, root } = openCheckpoint(Buffer.from(row.note), kept.keys.log);
    const time = BigInt(base / 1000) + size;
    const stranger = { name: 'stranger.example/witness', keyId: new Uint8Array(4), signature: new Uint8Array(72) };
    const note = addSignatures({ text, signatures }, stranger, cosign(text, time, witness));
    await keepCosigned(kept.database, {
      origin: kept.keys.log.name,
      witness: witness.name,
      size,
      root: toBase64(root),
      time,
      note,
    });
  }
}

describe('a disclosure', () => {
  it('of a whole event says what was stored, and between which anchors it came', async () => {
    const checked = checkDisclosure(await makeDisclosure(parts(), idOf(35), undefined), policy);
    expect([checked.whole, checked.anchor.anchor.nth, checked.before?.anchor.nth]).toEqual([true, 1, 0]);
    const said = Object.fromEntries(checked.fields.map(({ name, value }) => [name, value]));
    expect(said).toMatchObject({ type: 'DraftSaved', stream: 'round-1', revision: 35, 'data.roundId': 'round-35' });
    expect(said['meta']).toEqual({ commandId: 'command-35', salt: sampleEvent(35).meta.salt });
    expect(checked.before!.journal.size <= checked.index && checked.index < checked.anchor.journal.size).toBe(true);
    expect(checked.anchor.shared.cosignatures).toHaveLength(1);
  });

  it('of one field shows nothing of the others, be it of an event before the first anchor', async () => {
    const bytes = await makeDisclosure(parts(), idOf(2), ['data.roundId']);
    const { fields, before } = checkDisclosure(bytes, policy);
    expect(fields).toEqual([
      { name: 'names', value: ['roundId'] },
      { name: 'data.roundId', value: 'round-2' },
    ]);
    expect(before).toBeUndefined();
    const { disclosures, ...rest } = parseCanonical(bytes) as JsonObject;
    expect(disclosures).toHaveLength(2);
    expect(JSON.stringify(rest)).not.toMatch(/DraftSaved|command-2|round-1"/);
  });

  it.each([
    ['an event that the journal does not hold', '0190a000-0000-7000-8000-999999999999', undefined, 'holds no event'],
    ['an event that no anchor holds yet', idOf(41), undefined, 'no anchor holds the event yet'],
    ['a field that there is not', idOf(2), ['data.amount'], 'there is no field data.amount; there are type, stream'],
  ])('is refused for %s', async (_what, id, names, why) =>
    expect(makeDisclosure(parts(), id, names)).rejects.toThrow(why),
  );

  it('is refused for an event that was changed, and for one whose secret was destroyed', async () => {
    const change = (sql: string) => kept.database.query(sql);
    await change(`update journal.leaf set secret = sha256('x') where id = '${idOf(4)}'`);
    await expect(makeDisclosure(parts(), idOf(4), undefined)).rejects.toThrow('do not fit together: run npm run fsck');
    await change(`update journal.leaf set secret = null where id = '${idOf(4)}'`);
    await expect(makeDisclosure(parts(), idOf(4), undefined)).rejects.toThrow('was destroyed');
    // The others are proven as before: the hash of the leaf stands.
    expect(checkDisclosure(await makeDisclosure(parts(), idOf(5), undefined), policy).whole).toBe(true);
  });
});

it('all anchors open, lead to one another and are in time', async () => {
  const file = readAnchors(await makeAnchors(parts()));
  const rows: { index: string; bytes: Buffer }[] = await kept.database.query(
    'select index, bytes from log.entry order by 1',
  );
  const shared = rows.flatMap(({ index, bytes }) =>
    isAnchorType((JSON.parse(bytes.toString()) as JsonObject)['type']) ? [{ index: BigInt(index), bytes }] : [],
  );
  expect(shared).toHaveLength(2);
  expect([...checkAnchors(file, shared, '2026-03-02T01:00:00Z')]).toEqual([]);
});

describe('the command line', () => {
  it.each([
    [['--out', 'f'], 'either one event or --anchors'],
    [[idOf(1), '--anchors', '--out', 'f'], 'either one event or --anchors'],
    [[idOf(1)], "required option '--out"],
    [['round-1', '--out', 'f'], 'not the id of an event'],
    [['--anchors', '--field', 'at', '--out', 'f'], '--field belongs to an event'],
  ])('refuses %j', (words, why) => expect(() => understand(words)).toThrow(why));

  it('writes a file for its owner alone, and never over another', async () => {
    await kept.store.close();
    const out = join(mkdtempSync(join(tmpdir(), 'sanfang-disclose-')), 'one.disclosure');
    const told: string[] = [];
    const err = jest.spyOn(process.stderr, 'write').mockImplementation((text) => told.push(String(text)) > 0);
    const words = [idOf(35), '--field', 'at', 'data.roundId', '--out', out];
    const codes = [
      await runDisclose(kept.config, keptSlices, words),
      await runDisclose(kept.config, keptSlices, words),
    ];
    err.mockRestore();
    kept.store = await openPgStore({ url: kept.config.databaseUrl as string, durability: 'unchecked' });
    expect([codes, told]).toEqual([
      [0, 1],
      [expect.stringContaining('已写入'), expect.stringContaining('EEXIST')],
    ]);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const none = { ...policy, rule: { kind: 'none' } as const, quorum: 'none' };
    expect(checkDisclosure(readFileSync(out), none).fields.map(({ name }) => name)).toEqual([
      'at',
      'names',
      'data.roundId',
    ]);
  });
});
