import { samplePassportLogs, sampleIssue, sampleRegion } from '#testing/sample-region';
import { sampleEntry } from '#testing/sample-log';
import { fromUtf8, utf8 } from './bytes';
import { parseNote } from './note';
import { checkPassport, makePassport, PassportFault } from './passport';
import type { CoverOf } from './passport';
import { parsePolicy } from './policy';

const subject = { field: 'issueId', value: sampleIssue };
const coverOf: CoverOf = ({ value }, entries) => [
  `问题 ${value}`,
  ...entries.map(({ origin, index, entry }) => `${origin} ${index} ${String(entry['type'])}`),
];
const region = sampleRegion();
const policy = parsePolicy(region.policy);
const noQuorum = { ...policy, rule: { kind: 'none' } as const, quorum: 'none' };
const [commission, organization, inspection] = region.logs.map(({ origin }) => origin);
let whole: Uint8Array;
let text: string;
beforeAll(async () => {
  whole = makePassport(subject, await samplePassportLogs(region), coverOf);
  text = fromUtf8(whole);
});
const check = (bytes: Uint8Array, by = policy) => checkPassport(bytes, by, coverOf);
function faultOf(bytes: Uint8Array, by = policy): PassportFault {
  try {
    check(bytes, by);
  } catch (error) {
    if (error instanceof PassportFault) return error;
    throw error;
  }
  throw new Error('the passport was accepted');
}

describe('a passport', () => {
  it('is accepted as made, and says which entries of which logs it proves and who witnessed them', () => {
    const { entries, logs } = check(whole);
    expect(entries.map(({ origin, index }) => [origin, index])).toEqual([
      [commission, 5n],
      [inspection, 2n],
      [inspection, 7n],
      [inspection, 259n],
      [organization, 0n],
    ]);
    expect(logs.map(({ checkpoint, strangers }) => [checkpoint.cosignatures.length, strangers])).toEqual([
      [2, 0],
      [2, 0],
      [2, 0],
    ]);
  });

  it('is the same bytes in whatever order its logs are given', async () => {
    const parts = await samplePassportLogs(region);
    expect(makePassport(subject, parts.toReversed(), coverOf)).toEqual(whole);
  });

  it('names the first entry that does not stand in its log', () => {
    const forged = faultOf(utf8(text.replace('理论学习不够深入', '理论学习十分深入')));
    expect(forged).toMatchObject({ kind: 'inclusion', at: { origin: inspection, index: 2n } });
  });

  it('does not take an entry twice, nor one of another place', () => {
    const parts = text.split('\n\nentry ');
    const again = [...parts.slice(0, 3), parts[2], ...parts.slice(3)].join('\n\nentry ');
    expect(faultOf(utf8(again))).toMatchObject({ kind: 'form', at: { index: 2n } });
    expect(faultOf(utf8(text.replace('\nindex 2\n', '\nindex 3\n'))).kind).toBe('inclusion');
  });

  it('has a cover that says what the entries say', () => {
    expect(faultOf(utf8(text.replace('# 问题 f1-0001', '# 问题 f1-0002'))).kind).toBe('cover');
  });

  it('holds only what it is about', async () => {
    expect(faultOf(utf8(text.replace(`about issueId ${sampleIssue}`, 'about issueId f1-0002'))).kind).toBe('subject');
    const [log] = await samplePassportLogs(region);
    const other = { index: 4n, bytes: sampleEntry(4), proof: [] };
    expect(() => makePassport(subject, [{ ...log!, entries: [other] }], coverOf)).toThrow('not about issueId');
  });

  it('needs a key of each log, and as many witnesses as the policy asks for', () => {
    const strangers = { ...policy, logs: policy.logs.slice(0, 1) };
    expect(faultOf(whole, strangers)).toMatchObject({ kind: 'key', at: { origin: inspection, index: 2n } });
    const fewer = { ...policy, witnesses: policy.witnesses.slice(0, 1) };
    expect(faultOf(whole, fewer)).toMatchObject({ kind: 'witnesses', at: { origin: commission, index: 5n } });
  });

  it('without their keys is accepted by a reader who asks for no witness, who is told how many lines he cannot check', () => {
    const { logs } = check(whole, { ...noQuorum, witnesses: [] });
    expect(logs.map(({ strangers }) => strangers)).toEqual([2, 2, 2]);
  });

  it('does not say of itself that it is complete: one entry less is another sound passport', async () => {
    const parts = await samplePassportLogs(region);
    const fewer = parts.map((part) => ({ ...part, entries: part.entries.slice(0, 1) }));
    expect(check(makePassport(subject, fewer, coverOf)).entries).toHaveLength(3);
  });

  it('with two signed checkpoints of one log is refused, even if both hold', async () => {
    const note = parseNote((await samplePassportLogs(region))[2]!.note);
    const bare = text.split('\n\nentry ').map((part, n) => {
      return n === 3 ? part.replace(/(\n— inspection\S+ \S+)(\n— .*)+/, '$1') : part;
    });
    expect(note.signatures).toHaveLength(3);
    expect(faultOf(utf8(bare.join('\n\nentry ')), noQuorum).what).toContain('two checkpoints');
  });
});

// Ten thousand more, changed in other ways: test/foreign/mutated-passports.int.spec.ts.
describe('a passport that was tampered with', () => {
  it('is refused for any bit of any byte that stands for its kind: one of each kind of line', () => {
    const starts = new Map<string, number>();
    let at = 0;
    for (const line of text.split('\n')) {
      const kind = line
        .replace(/[A-Za-z0-9+/]{40,}=*/g, 'H')
        .replace(/\d+/g, '0')
        .slice(0, 24);
      if (!starts.has(kind)) starts.set(kind, at);
      at += utf8(line).length + 1;
    }
    expect(starts.size).toBeGreaterThan(12);
    for (const start of starts.values()) {
      const end = whole.indexOf(10, start) + 1;
      for (let byte = start; byte < Math.min(end, start + 150); byte += 3) {
        const changed = whole.slice();
        changed[byte]! ^= 1 << (byte % 8);
        expect(faultOf(changed)).toBeInstanceOf(PassportFault);
      }
    }
  }, 180_000);
});
