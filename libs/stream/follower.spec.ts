import fc from 'fast-check';
import { sampleEntries, sampleEntry, sampleLog, sampleSource } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { canonicalBytes } from '#kernel/canonical-json';
import { LOG_KEY_TYPE, parseVkey, signingKey } from '#tlog/key';
import { signCheckpoint } from '#tlog/checkpoint';
import { Frontier, leafHash } from '#tlog/merkle';
import { toHex, utf8 } from '#tlog/bytes';
import { Follower } from './follower';
import { MemoryInbox } from './memory-inbox';
import type { Hint, PeerSource } from './peer-source';

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const origin = 'inspection.example.gov.cn/events/v1';

function followerOf(log: SampleLog, source: () => PeerSource, inbox = new MemoryInbox(), key = parseVkey(log.vkey)) {
  const accepted: number[] = [];
  const moving: PeerSource = {
    checkpoint: () => source().checkpoint(),
    tile: (level, n, width) => source().tile(level, n, width),
    bundle: (n, width) => source().bundle(n, width),
    wake: (signal) => source().wake(signal),
  };
  const follower = new Follower({
    origin,
    key,
    source: moving,
    inbox,
    clock: () => '2026-03-02T01:00:00.000Z',
    log: silent,
    onAccepted: (size) => accepted.push(size),
  });
  return { follower, inbox, accepted };
}

/** Stores, and then the connection breaks before the first answer. */
class AnswerLost extends MemoryInbox {
  private lost = false;

  override async accept(...what: Parameters<MemoryInbox['accept']>): Promise<void> {
    await super.accept(...what);
    if (this.lost) return;
    this.lost = true;
    throw new Error('Connection terminated unexpectedly');
  }
}

async function* noHints(): AsyncGenerator<Hint> {}
const sourceOf = (log: Pick<SampleLog, 'files'>): PeerSource => ({ ...sampleSource(log), wake: noHints });

/** The accepted entries are the log's first ones, byte for byte, and the frontier is theirs. */
async function expectPrefix(inbox: MemoryInbox, entries: readonly Uint8Array[]): Promise<void> {
  const { frontier } = await inbox.load();
  expect(BigInt(inbox.entries.length)).toBe(frontier.size);
  const own = Frontier.empty();
  for (const [index, entry] of inbox.entries.entries()) {
    if (entry.index !== BigInt(index) || !Buffer.from(entry.bytes).equals(entries[index]!)) {
      throw new Error(`entry ${index} is not the log's`);
    }
    own.append(leafHash(entry.bytes));
  }
  expect(toHex(own.root())).toBe(toHex(frontier.root()));
}

describe('a follower', () => {
  it.each([
    [true, 'unreachable'],
    [false, 'following'],
  ])('that demands a second line (%s) is %s where there is none', async (demanded, state) => {
    const log = sampleLog(sampleEntries(3));
    const second = { name: origin, keyId: new Uint8Array(4), vkey: 'the second key', demanded, verify: () => true };
    const key = { ...parseVkey(log.vkey), second };
    const { follower, inbox } = followerOf(log, () => sourceOf(log), new MemoryInbox(), key);
    await follower.step();
    expect(follower.state()).toMatchObject({ state, size: demanded ? 0 : 3 });
    expect(follower.state().message).toMatch(demanded ? /no line of the second key/ : /^$/);
    expect(inbox.entries).toHaveLength(demanded ? 0 : 3);
  });

  it('accepts what is signed, however the log grew', async () => {
    const entries = sampleEntries(700);
    const logs = [0, 1, 5, 255, 256, 257, 511, 700].map((size) => sampleLog(entries.slice(0, size)));
    let at = 0;
    const { follower, inbox, accepted } = followerOf(logs[0]!, () => sourceOf(logs[at]!));
    for (; at < logs.length; at++) {
      expect(await follower.step()).toBe(at === 0 ? 'nothing' : 'accepted');
      expect(await follower.step()).toBe('nothing');
      expect(follower.state()).toMatchObject({ size: Number(logs[at]!.size), state: 'following', message: '' });
    }
    expect(accepted).toEqual([1, 5, 255, 256, 257, 511, 700]);
    await expectPrefix(inbox, entries);
  });

  it.each([
    [100, 2_500],
    [256, 9_000],
    [1, 8_192],
  ])('catches up from %i to %i in slices, each proven before any is accepted', async (held, size) => {
    const entries = sampleEntries(size);
    let log = sampleLog(entries.slice(0, held));
    const { follower, inbox, accepted } = followerOf(log, () => sourceOf(log));
    await follower.step();
    accepted.length = 0;
    log = sampleLog(entries);
    const damaged = new Map(log.files);
    const bundle = Buffer.from(damaged.get('tile/entries/003')!);
    bundle[50]! ^= 1;
    damaged.set('tile/entries/003', bundle);
    const whole = log;
    log = { ...log, files: damaged };
    expect(await follower.step()).toBe('failed');
    expect(inbox.entries.length).toBe(held);
    log = whole;
    expect(await follower.step()).toBe('accepted');
    expect(accepted.at(-1)).toBe(size);
    accepted.forEach((end, nth) => expect(end - (accepted[nth - 1] ?? held)).toBeLessThanOrEqual(8_192));
    await expectPrefix(inbox, entries);
  });

  it('ignores an older checkpoint and counts it', async () => {
    const entries = sampleEntries(40);
    let log = sampleLog(entries);
    const { follower, inbox } = followerOf(log, () => sourceOf(log));
    await follower.step();
    log = sampleLog(entries.slice(0, 30));
    expect(await follower.step()).toBe('nothing');
    expect(follower.counts()).toEqual({ older: 1, refused: 0, forks: 0 });
    await expectPrefix(inbox, entries);
    expect(inbox.entries).toHaveLength(40);
  });

  it.each([
    ['of the same size', 40, 40],
    ['that is longer', 40, 41],
    ['that is longer and passes a tile', 40, 300],
    ['that branched off in a full tile', 300, 1_000],
    ['that is much longer', 300, 4_000],
  ])('stops the peer for good at a fork %s, and keeps both notes', async (_title, held, size) => {
    const entries = sampleEntries(size);
    let log = sampleLog(entries.slice(0, held));
    const first = Buffer.from(log.files.get('checkpoint')!);
    const { follower, inbox } = followerOf(log, () => sourceOf(log));
    await follower.step();
    const other = [...entries];
    other[7] = sampleEntry(7, { data: { text: '另一个说法' } });
    log = sampleLog(other);
    expect(await follower.step()).toBe('stopped');
    expect(follower.state().state).toBe('stopped');
    expect(inbox.evidence).toHaveLength(1);
    const [evidence] = inbox.evidence;
    expect(evidence!.kind).toBe('fork');
    expect(Buffer.from(evidence!.note).equals(Buffer.from(log.files.get('checkpoint')!))).toBe(true);
    expect(Buffer.from(evidence!.held!).equals(first)).toBe(true);
    // Not even the true log is followed again without a person's decision.
    log = sampleLog(entries);
    expect(await follower.step()).toBe('stopped');
    expect(inbox.entries).toHaveLength(held);
  });

  it('takes damage for damage and not for a fork, and heals when the bytes are right', async () => {
    const entries = sampleEntries(300);
    let log = sampleLog(entries.slice(0, 270));
    const { follower, inbox } = followerOf(log, () => sourceOf(log));
    await follower.step();
    const whole = sampleLog(entries);
    for (const path of ['checkpoint', 'tile/entries/001.p/44']) {
      const files = new Map(whole.files);
      const bytes = Buffer.from(files.get(path)!);
      bytes[bytes.length - 9]! ^= 4;
      files.set(path, bytes);
      log = { ...whole, files };
      expect(await follower.step()).toBe('failed');
      expect(follower.state().state).toBe('unreachable');
    }
    expect(inbox.evidence.map(({ kind }) => kind)).toEqual(['refused', 'refused']);
    log = whole;
    expect(await follower.step()).toBe('accepted');
    await expectPrefix(inbox, entries);
  });

  it('takes damage for damage also when its source hands out the same Buffers again', async () => {
    const entries = sampleEntries(1_000);
    let log = sampleLog(entries.slice(0, 300));
    const { follower, inbox } = followerOf(log, () => sourceOf(log));
    await follower.step();
    const whole = sampleLog(entries);
    const buffers = new Map([...whole.files].map(([path, bytes]) => [path, Buffer.from(bytes)]));
    const bundle = Buffer.from(buffers.get('tile/entries/002')!);
    bundle[50]! ^= 1;
    log = { ...whole, files: new Map(buffers).set('tile/entries/002', bundle) };
    for (let again = 0; again < 2; again++) expect(await follower.step()).toBe('failed');
    expect(follower.state().state).toBe('unreachable');
    log = { ...whole, files: buffers };
    expect(await follower.step()).toBe('accepted');
    await expectPrefix(inbox, entries);
  });

  it('refuses a checkpoint that a stranger signed, or that belongs to another log', async () => {
    const log = sampleLog(sampleEntries(5));
    const stranger = sampleLog(sampleEntries(5), { seed: new Uint8Array(32).fill(9) });
    const otherKey = signingKey('other.example/events/v1', LOG_KEY_TYPE, new Uint8Array(32).fill(7));
    const foreign = signCheckpoint({ origin: otherKey.name, size: 5n, root: log.root }, otherKey);
    for (const note of [stranger.files.get('checkpoint')!, foreign, utf8('not a note'), new Uint8Array(0)]) {
      const source = { ...sourceOf(log), checkpoint: () => Promise.resolve(note) };
      const { follower, inbox } = followerOf(log, () => source);
      expect(await follower.step()).toBe('failed');
      expect(inbox.entries).toHaveLength(0);
      expect(follower.counts().refused).toBe(1);
    }
  });

  it.each([
    ['no JSON', utf8('{"a":')],
    ['JSON that is not canonical', utf8('{ "v": 1 }')],
    ['another version', sampleEntry(3, { v: 2 as never })],
    ['the key __proto__', utf8(new TextDecoder().decode(sampleEntry(3)).replace('"text"', '"__proto__"'))],
    ['no commitment', canonicalBytes({ ...JSON.parse(new TextDecoder().decode(sampleEntry(3))), commit: 'x' })],
    ['an id that stands in the log already', sampleEntry(2, { revision: 9 })],
  ])('stops a peer that signs an entry with %s', async (_title, entry) => {
    const entries: Uint8Array[] = sampleEntries(5);
    entries[3] = entry;
    const log = sampleLog(entries);
    const { follower, inbox } = followerOf(log, () => sourceOf(log));
    expect(await follower.step()).toBe('stopped');
    expect(inbox.entries).toHaveLength(0);
    expect(inbox.evidence[0]!.kind).toBe('invalid');
  });

  it('stores an entry of a type that it does not know', async () => {
    const log = sampleLog([sampleEntry(0, { type: 'inspection.not-invented-yet.v7' })]);
    const { follower, inbox } = followerOf(log, () => sourceOf(log));
    expect(await follower.step()).toBe('accepted');
    expect(inbox.entries[0]!.type).toBe('inspection.not-invented-yet.v7');
  });

  it('tells what was stored when only the answer to the storing was lost', async () => {
    const log = sampleLog(sampleEntries(20));
    const inbox = new AnswerLost();
    const { follower, accepted } = followerOf(log, () => sourceOf(log), inbox);
    expect(await follower.step()).toBe('failed');
    expect(inbox.entries).toHaveLength(20);
    expect(accepted).toEqual([]);
    expect(await follower.step()).toBe('nothing');
    expect(accepted).toEqual([20]);
    expect(follower.state()).toMatchObject({ size: 20, state: 'following' });
    await follower.step();
    expect(accepted).toEqual([20]);
  });

  it('goes on when the inbox was moved by another hand', async () => {
    const entries = sampleEntries(20);
    let log = sampleLog(entries.slice(0, 10));
    const inbox = new MemoryInbox();
    const one = followerOf(log, () => sourceOf(log), inbox);
    const two = followerOf(log, () => sourceOf(log), inbox);
    await one.follower.step();
    await two.follower.step();
    log = sampleLog(entries);
    expect(await one.follower.step()).toBe('accepted');
    expect(await two.follower.step()).toBe('failed');
    expect(await two.follower.step()).toBe('nothing');
    await expectPrefix(inbox, entries);
  });
});

describe('an adversarial source', () => {
  // Every answer may be true, another file's, of another age, doubled, cut, flipped, lost, or of a forged log.
  const kinds = [
    'true',
    'true',
    'true',
    'other',
    'older',
    'double',
    'cut',
    'flip',
    'lost',
    'forged',
    'swapped',
  ] as const;
  const entries = sampleEntries(620);
  const forged = entries.map((entry, i) => (i === 3 ? sampleEntry(3, { data: { text: '伪造' } }) : entry));
  const sizes = [1, 40, 255, 257, 300, 513, 620];
  const logs = sizes.map((size) => sampleLog(entries.slice(0, size)));
  // The forger has another key: an adversary on the wire does not own the peer's.
  const forgeries = sizes.map((size) => sampleLog(forged.slice(0, size), { seed: new Uint8Array(32).fill(9) }));

  function adversary(at: () => number, next: () => { kind: (typeof kinds)[number]; number: number }): PeerSource {
    const spoil = (path: string): Promise<Uint8Array> => {
      const { kind, number } = next();
      const log = kind === 'forged' ? forgeries[at()]! : kind === 'older' ? logs[number % (at() + 1)]! : logs[at()]!;
      const paths = [...log.files.keys()];
      const bytes = log.files.get(kind === 'other' ? paths[number % paths.length]! : path);
      if (kind === 'lost' || !bytes) return Promise.reject(new Error('connection reset'));
      if (kind === 'double') return Promise.resolve(Buffer.concat([bytes, bytes]));
      if (kind === 'cut') return Promise.resolve(bytes.subarray(0, number % bytes.length));
      if (kind === 'swapped') {
        const middle = number % bytes.length;
        return Promise.resolve(Buffer.concat([bytes.subarray(middle), bytes.subarray(0, middle)]));
      }
      if (kind !== 'flip') return Promise.resolve(bytes);
      const flipped = Buffer.from(bytes);
      flipped[number % bytes.length]! ^= 1 << (number % 8);
      return Promise.resolve(flipped);
    };
    const files = sampleSource({ files: new Map() });
    const through = { get: (path: string) => spoil(path) };
    return {
      ...files,
      checkpoint: () => through.get('checkpoint'),
      tile: (level, n, width) =>
        through.get(width === 256 ? `tile/${level}/00${n}` : `tile/${level}/00${n}.p/${width}`),
      bundle: (n, width) => through.get(`tile/entries/00${n}${width === 256 ? '' : `.p/${width}`}`),
      wake: noHints,
    };
  }

  it('never gets anything accepted but the log itself, in order, once; and truth always heals', async () => {
    const answer = fc.record({ kind: fc.constantFrom(...kinds), number: fc.nat(1_000_000) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(answer, { minLength: 5, maxLength: 60 }),
        fc.array(fc.nat(6), { maxLength: 12 }),
        async (answers, ages) => {
          let now = 0;
          let asked = 0;
          let honest = false;
          const next = () => (honest ? { kind: 'true' as const, number: 0 } : answers[asked++ % answers.length]!);
          const { follower, inbox } = followerOf(logs[0]!, () => adversary(() => now, next));
          for (const age of ages) {
            now = Math.max(now, age);
            await follower.step();
            await expectPrefix(inbox, entries);
          }
          honest = true;
          now = sizes.length - 1;
          await follower.step();
          await expectPrefix(inbox, entries);
          expect(follower.state()).toMatchObject({ size: 620, state: 'following' });
        },
      ),
      { numRuns: 60 },
    );
  });
});
