import type { ProvenLog, WitnessRule } from '#contracts/history';
import { sampleIssue, samplePassportLogs, sampleRegion } from '#testing/sample-region';
import { sampleEntry, sampleLog, sampleSource } from '#testing/sample-log';
import { fromUtf8, toBase64 } from '#tlog/bytes';
import { formatVkey } from '#tlog/key';
import { Frontier, leafHash } from '#tlog/merkle';
import { consistencyProof, inclusionProofs } from '#tlog/prove';
import { dataOf } from '#tlog/revocations';
import { check } from './check';
import type { Remembered } from './check';
import { saidOfIssue, saidOfLogs } from './sentences';

const agencies = ['commission', 'organization', 'inspection'] as const;
const region = sampleRegion();
const nobody = () => undefined;
const told = { steps: Array.from({ length: 5 }, () => ({ witness: 'final' })) as never, unlogged: 0 };

async function answer(): Promise<ProvenLog[]> {
  const logs = await samplePassportLogs(region);
  return logs.map(({ note, entries }, n) => {
    const agency = agencies[n]!;
    const log = region.logs[n]!;
    const witnesses = agencies.flatMap((name, i) => {
      return i === n ? [] : [{ name, agency: name, vkey: formatVkey(region.witnesses[i]!) }];
    });
    const members = witnesses.map(({ name }): WitnessRule => ({ kind: 'witness', name }));
    return {
      ...{ agency, origin: log.origin, vkey: log.vkey.trim(), note: fromUtf8(note), witnesses },
      rule: { kind: 'group', needed: 2, members },
      entries: entries.map(({ index, bytes, proof }) => {
        return { index: Number(index), text: fromUtf8(bytes), proof: proof.map(toBase64) };
      }),
      first: { note: fromUtf8(note), proof: [] },
      held: Number(log.size),
      stopped: false,
    };
  });
}
const changed = async (n: number, change: (log: ProvenLog) => Partial<ProvenLog>) =>
  (await answer()).map((log, i) => (i === n ? { ...log, ...change(log) } : log));
/** One character of a text, somewhere, is another one of the same kind. */
const altered = (text: string, at = Math.floor(text.length / 2)) =>
  `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
const said = async (logs: Promise<ProvenLog[]>) => saidOfIssue(check(await logs, nobody, sampleIssue), told);

describe('the check in the browser', () => {
  it('finds the records of three logs in their places, under both peers’ word, and says since when', async () => {
    const { logs, fault } = check(await answer(), nobody, sampleIssue);
    expect(fault).toBeUndefined();
    expect(logs.map(({ entries }) => entries.map(({ index }) => index))).toEqual([[5], [0], [2, 7, 259]]);
    expect(logs.every(({ enough, cosignatures, size }) => enough && cosignatures.length === 2 && size > 0)).toBe(true);
    expect(await said(answer())).toEqual({
      state: 'ok',
      sentence: expect.stringMatching(/^此记录自\d{4}-\d\d-\d\d .*三方共同见证。$/),
    });
  });

  it('says in red where a byte of a record was changed on the way', async () => {
    const logs = changed(2, ({ entries }) => ({
      entries: entries.map((entry, i) => (i === 1 ? { ...entry, text: entry.text.replace('会议', '会義') } : entry)),
    }));
    expect((await said(logs)).state).toBe('failed');
    expect((await said(logs)).sentence).toMatch(/^发现不一致：巡视办日志第7条与签名的指纹对不上。请勿改动/);
  });

  it('lets no changed character pass: of a text, a proof, a checkpoint, a witness’s line or a key', async () => {
    const whole = await answer();
    const places = whole[2]!.entries[2]!.proof.map((_, i) => i);
    const mutated: [string, Promise<ProvenLog[]>][] = [
      ...places.map((place): [string, Promise<ProvenLog[]>] => [
        `hash ${place} of a proof`,
        changed(2, ({ entries }) => ({
          entries: entries.map((each) => ({
            ...each,
            proof: each.proof.map((hash, i) => (i === place ? altered(hash, 5) : hash)),
          })),
        })),
      ]),
      ...[0, 40, 60, 90, 130, 200, 330].map((at): [string, Promise<ProvenLog[]>] => [
        `character ${at} of a checkpoint`,
        changed(0, ({ note }) => ({ note: altered(note, at) })),
      ]),
      ['a key', changed(1, ({ vkey }) => ({ vkey: altered(vkey, vkey.length - 5) }))],
      [
        'an index',
        changed(2, ({ entries }) => ({ entries: entries.map((each) => ({ ...each, index: each.index + 1 })) })),
      ],
      [
        'a record left without its proof',
        changed(0, ({ entries }) => ({ entries: entries.map((each) => ({ ...each, proof: [] })) })),
      ],
    ];
    for (const [what, logs] of mutated) expect([what, (await said(logs)).state]).toEqual([what, 'failed']);
  });

  it('refuses sound records that are about another issue', async () => {
    const { fault } = check(await answer(), nobody, 'f1-0002');
    expect(fault).toMatchObject({ kind: 'subject', agency: 'commission', index: 5 });
  });

  it('is amber, never green, while a witness is missing or a record is told and not proven', async () => {
    const oneLine = changed(2, ({ note }) => ({ note: note.split('\n').slice(0, -2).join('\n').concat('\n') }));
    expect(await said(oneLine)).toMatchObject({ state: 'partial', sentence: expect.stringContaining('见证') });
    const fewer = changed(2, ({ entries }) => ({ entries: entries.slice(1) }));
    expect(await said(fewer)).toMatchObject({ state: 'partial' });
    const dropped = saidOfIssue(check(await answer(), nobody, sampleIssue), { ...told, unlogged: 1 });
    expect(dropped).toEqual({ state: 'partial', sentence: '已核验5条，1条等待写入日志或见证（一般1分钟内）。' });
  });

  it('is red where the services themselves have found a contradiction', async () => {
    const logs = changed(0, () => ({ stopped: true }));
    expect(await said(logs)).toMatchObject({
      state: 'failed',
      sentence: expect.stringContaining('纪委监委的日志前后矛盾'),
    });
  });
});

describe('a key that peers revoke in their own logs', () => {
  const office = region.logs[2]!;
  const saying = async (n: number, lastGoodSize: number): Promise<ProvenLog> => {
    const agency = agencies[n]!;
    const data = dataOf({
      origin: office.origin,
      vkey: office.vkey,
      lastGoodSize: BigInt(lastGoodSize),
      successor: '',
    });
    const entries = [sampleEntry(0), sampleEntry(1, { type: `${agency}.key-revoked.v1`, data })];
    const log = sampleLog(entries, { origin: region.logs[n]!.origin, seed: new Uint8Array(32).fill(n) });
    const proof = await inclusionProofs(sampleSource(log), log.size, [1n]);
    const words = [{ index: 1, text: fromUtf8(entries[1]!), proof: proof[0]!.map(toBase64) }];
    const note = fromUtf8(log.files.get('checkpoint')!);
    const { first: _, ...rest } = (await answer())[n]!;
    return { ...rest, vkey: log.vkey, note, words, entries: [] };
  };
  const found = async (...logs: Promise<ProvenLog>[]) =>
    check([...(await Promise.all(logs)), (await answer())[2]!], nobody, sampleIssue);

  it('is red from the first entry that it alone has signed, once two have said so', async () => {
    const { fault } = await found(saying(0, 250), saying(1, 260));
    expect(fault).toMatchObject({ kind: 'revoked', agency: 'inspection', index: 250 });
    expect(saidOfLogs({ logs: [], fault: fault! })).toMatchObject({
      state: 'failed',
      sentence: expect.stringContaining('两家机关已吊销巡视办的公钥，自第250条起'),
    });
  });

  it('is not by the word of one, nor of two about a size that the log does not exceed', async () => {
    expect((await found(saying(0, 250))).fault).toBeUndefined();
    expect((await found(saying(0, 300), saying(1, 300))).fault).toBeUndefined();
  });

  it('counts no word that is not proven to stand in its log', async () => {
    const other = saying(0, 250).then((log) => ({
      ...log,
      words: log.words!.map((each) => ({ ...each, text: each.text.replace('250', '251') })),
    }));
    expect((await found(other, saying(1, 260))).fault).toMatchObject({ kind: 'entry', agency: 'commission', index: 1 });
  });
});

describe('what this browser has seen before', () => {
  const log = region.logs[2]!;
  const root = (size: number): Uint8Array => {
    const frontier = Frontier.empty();
    for (const entry of log.entries.slice(0, size)) frontier.append(leafHash(entry));
    return frontier.root();
  };
  const known = (size: number, change: Partial<Remembered> = {}): Remembered => {
    return { size, root: toBase64(root(size)), vkey: log.vkey.trim(), at: '2026-03-02T01:00:00.000Z', ...change };
  };
  const since = async (size: number) => {
    const proof = size === 300 ? [] : await consistencyProof(sampleSource(log), BigInt(size), 300n);
    return { size, proof: proof.map(toBase64) };
  };
  const against = async (memory: Remembered, log2: Partial<ProvenLog>) => {
    const logs = await changed(2, () => log2);
    return check(logs, (origin) => (origin === log.origin ? memory : undefined), sampleIssue);
  };

  it('is proven to be the beginning of what is shown now', async () => {
    for (const size of [1, 7, 256, 299, 300]) {
      const found = await against(known(size), { since: await since(size) });
      expect([size, found.fault]).toEqual([size, undefined]);
      expect(saidOfLogs(found).sentence).toMatch(/，与本机2026-03-0\d .*所见一致。$/);
    }
  });

  it('is missed when it was another history, when nothing proves it, and when the key is another one', async () => {
    const other = known(256, { root: toBase64(new Uint8Array(32).fill(1)) });
    expect((await against(other, { since: await since(256) })).fault).toMatchObject({
      kind: 'past',
      agency: 'inspection',
    });
    expect((await against(known(301, {}), {})).fault).toMatchObject({ kind: 'shrunk' });
    const vkey = region.logs[1]!.vkey.trim();
    expect((await against(known(300, { vkey }), { since: await since(300) })).fault).toMatchObject({ kind: 'key' });
    expect((await against(known(300), { note: '' })).fault).toMatchObject({ kind: 'shrunk' });
  });
});
