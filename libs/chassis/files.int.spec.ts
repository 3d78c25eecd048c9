import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Refused } from '#kernel/decider';
import { Files } from './files';

const top = mkdtempSync(join(tmpdir(), 'sanfang-files-'));
afterAll(() => rmSync(top, { recursive: true }));

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const place = (): string => join(mkdtempSync(join(top, 'one-')), 'files');
/** Hashes with bytes, and hashes with a note. */
const heldIn = (folder: string) => {
  const names = (of: string) => (existsSync(join(folder, of)) ? readdirSync(join(folder, of)) : []);
  const files = names('.').filter((name) => name.length === 2);
  return {
    files: files.flatMap((first) => names(first).map((rest) => first + rest)).sort(),
    notes: names('pending').sort(),
    drafts: names('draft').length,
  };
};
const refusing = () => Promise.reject(new Refused('evidence.twice'));
const unanswered = () => Promise.reject(new Refused('service.unavailable'));

/** An upload of these words for a stream, up to what `decide` says. */
async function upload(
  files: Files,
  words: string,
  decide: () => Promise<unknown>,
  stream = 'issue-1',
): Promise<unknown> {
  return files.keepFor(await files.draft([Buffer.from(words)]), stream, decide).catch((error: unknown) => error);
}

describe('the folder of files', () => {
  it('gives back what was put under a hash, whole or as a stream', async () => {
    const folder = place();
    const files = new Files(folder);
    const sha256 = hashOf('证据');
    expect(await files.has(sha256)).toBe(false);
    await files.put(Buffer.from('证据'), sha256);
    await files.put(Buffer.from('证据'), sha256);
    expect(await files.has(sha256)).toBe(true);
    expect((await files.read(sha256)).toString()).toBe('证据');
    expect((await buffer(await files.stream(sha256))).toString()).toBe('证据');
    expect(statSync(join(folder, sha256.slice(0, 2), sha256.slice(2))).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'draft'))).toEqual([]);
  });

  it('refuses bytes that are not what was promised, and keeps nothing of them', async () => {
    const folder = place();
    const files = new Files(folder);
    await expect(files.put(Buffer.from('真'), hashOf('假'))).rejects.toThrow(/promised/);
    expect(await files.has(hashOf('假'))).toBe(false);
    expect(await files.has(hashOf('真'))).toBe(false);
  });

  it('says that a file was changed on disk instead of giving it out', async () => {
    const folder = place();
    const files = new Files(folder);
    const sha256 = hashOf('原件');
    await files.put(Buffer.from('原件'), sha256);
    writeFileSync(join(folder, sha256.slice(0, 2), sha256.slice(2)), '改过');
    await expect(files.read(sha256)).rejects.toThrow(/damaged/);
  });

  it.each(['../../etc/passwd', '', 'g'.repeat(64), 'a'.repeat(63)])('has nothing under %j', async (name) => {
    const files = new Files(place());
    for (const work of [() => files.read(name), () => files.stream(name), () => files.has(name)]) {
      await expect(work()).rejects.toThrow(Refused);
    }
    await expect(files.read(hashOf('nothing'))).rejects.toMatchObject({ code: 'record.none' });
  });
});

describe('an upload', () => {
  it('is durable under its hash while its command is decided, and stays when it is accepted', async () => {
    const folder = place();
    const files = new Files(folder);
    const seen = await upload(files, '材料', async () => (await files.read(hashOf('材料'))).toString());
    expect(seen).toBe('材料');
    expect(heldIn(folder)).toEqual({ files: [hashOf('材料')], notes: [], drafts: 0 });
  });

  it('leaves nothing when it is refused', async () => {
    const folder = place();
    const files = new Files(folder);
    expect(await upload(files, '材料', refusing)).toBeInstanceOf(Refused);
    expect(heldIn(folder)).toEqual({ files: [], notes: [], drafts: 0 });
  });

  it('leaves nothing when it breaks off', async () => {
    const folder = place();
    const files = new Files(folder);
    const broken = async function* () {
      yield Buffer.from('一半');
      throw new Error('gone');
    };
    await expect(files.draft(broken())).rejects.toThrow('gone');
    expect(heldIn(folder)).toEqual({ files: [], notes: [], drafts: 0 });
  });

  it('is kept, with its note, when nobody knows whether it was accepted', async () => {
    const folder = place();
    const files = new Files(folder);
    for (const decide of [unanswered, () => Promise.reject(new Error('a fault'))]) {
      await upload(files, '材料', decide);
      expect(heldIn(folder)).toEqual({ files: [hashOf('材料')], notes: [hashOf('材料')], drafts: 0 });
      // Nor does a later refusal of the same bytes, or of the same bytes by another service, take it away.
      await upload(files, '材料', refusing);
      await upload(new Files(folder), '材料', refusing);
      expect(heldIn(folder).files).toEqual([hashOf('材料')]);
    }
    await upload(files, '材料', () => Promise.resolve());
    expect(heldIn(folder).notes).toEqual([]);
  });

  it.each(['accepted', 'put', 'claimed'])('that is refused takes nothing away that was %s before', async (how) => {
    const folder = place();
    const files = new Files(folder);
    const sha256 = hashOf('材料');
    if (how === 'accepted') await upload(files, '材料', () => Promise.resolve());
    if (how === 'put') await files.put(Buffer.from('材料'), sha256);
    if (how === 'claimed') await upload(files, '材料', () => files.claim(sha256).then(refusing));
    await upload(files, '材料', refusing);
    await upload(new Files(folder), '材料', refusing);
    expect(heldIn(folder)).toEqual({ files: [sha256], notes: [], drafts: 0 });
  });

  it.each(['accepted first', 'refused first'])(
    'beside another of the same bytes, one %s, keeps them',
    async (order) => {
      const folder = place();
      const files = new Files(folder);
      let answer = (): void => undefined;
      const waiting = new Promise<void>((resolve) => (answer = resolve));
      const accepts = order === 'accepted first';
      // The first is asked, the second asked and answered meanwhile, then the first is answered.
      const first = upload(files, '材料', () => waiting.then(() => (accepts ? refusing() : undefined)), 'issue-1');
      await upload(files, '材料', () => (accepts ? Promise.resolve() : refusing()), 'issue-2');
      expect(await files.has(hashOf('材料'))).toBe(true);
      answer();
      await first;
      expect(heldIn(folder)).toEqual({ files: [hashOf('材料')], notes: [], drafts: 0 });
    },
  );

  it('claims nothing that is not there', async () => {
    const folder = place();
    expect(await new Files(folder).claim(hashOf('材料'))).toBe(false);
  });
});

describe('many uploads of few files at once', () => {
  /** mulberry32: the same races each time, and another seed for others. */
  const numbers = (seed: number) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  it.each([1, 2, 3, 4, 5, 6])('keep exactly what was accepted, put, claimed or unanswered (seed %d)', async (seed) => {
    const folder = place();
    const files = new Files(folder);
    const next = numbers(seed);
    const wanted = new Set<string>();
    const unknown = new Set<string>();
    const lost: string[] = [];
    const one = async (): Promise<void> => {
      const words = `材料${Math.floor(next() * 20)}`;
      const sha256 = hashOf(words);
      const [kind, before, during, which] = [next(), next() * 6, next() * 6, Math.floor(next() * 3)];
      for (let n = 0; n < before; n++) await nextTurn();
      if (kind < 0.01) await files.put(Buffer.from(words), sha256).then(() => wanted.add(sha256));
      else if (kind < 0.04) (await files.claim(sha256)) && wanted.add(sha256);
      else {
        await upload(files, words, () => decided(kind, sha256, during), `issue-${which}`);
      }
      for (const each of wanted) if (!(await files.has(each))) lost.push(each);
    };
    const decided = async (kind: number, sha256: string, during: number): Promise<void> => {
      for (let n = 0; n < during; n++) await nextTurn();
      if (!(await files.has(sha256))) lost.push(`undecided ${sha256}`);
      if (kind < 0.07) wanted.add(sha256);
      else if (kind < 0.09) {
        unknown.add(sha256);
        throw new Refused('service.unavailable');
      } else throw new Refused('evidence.twice');
    };
    for (let round = 0; round < 3; round++) await Promise.all(Array.from({ length: 60 }, one));
    expect(lost).toEqual([]);
    expect(heldIn(folder)).toEqual({
      files: [...new Set([...wanted, ...unknown])].sort(),
      notes: [...unknown].filter((sha256) => !wanted.has(sha256)).sort(),
      drafts: 0,
    });
    expect(wanted.size).toBeGreaterThan(1);
    expect(wanted.size + unknown.size).toBeLessThan(20);
  });
});

describe('a start after a crash', () => {
  const never = () => new Promise<never>(() => undefined);
  /** As a crash while the command is decided leaves it: the first service is never heard of again. */
  async function cutShort(folder: string, words: string, stream: string): Promise<void> {
    const files = new Files(folder);
    let begun = (): void => undefined;
    const asked = new Promise<void>((resolve) => (begun = resolve));
    void upload(files, words, () => (begun(), never()), stream);
    await asked;
  }

  it('sweeps drafts', async () => {
    const folder = place();
    await new Files(folder).draft([Buffer.from('一半')]);
    expect(heldIn(folder).drafts).toBe(1);
    const files = new Files(folder);
    await files.recover(() => Promise.reject(new Error('nothing to ask')));
    expect(heldIn(folder).drafts).toBe(0);
    await upload(files, '新的', () => Promise.resolve());
    expect(await files.has(hashOf('新的'))).toBe(true);
  });

  it('removes what was cut short and no event names, and keeps what one of the streams names', async () => {
    const folder = place();
    await cutShort(folder, '未存', 'issue-1');
    await cutShort(folder, '已存', 'issue-2');
    const twice = new Files(folder);
    for (const stream of ['issue-3', 'issue-4'])
      await new Promise<void>((resolve) => void upload(twice, '两处', () => (resolve(), never()), stream));
    await new Files(folder).put(Buffer.from('旧有'), hashOf('旧有'));
    const asked: string[] = [];
    await new Files(folder).recover(async (stream, sha256) => {
      asked.push(stream);
      return (stream === 'issue-2' && sha256 === hashOf('已存')) || stream === 'issue-4';
    });
    expect(heldIn(folder)).toEqual({
      files: [hashOf('已存'), hashOf('两处'), hashOf('旧有')].sort(),
      notes: [],
      drafts: 0,
    });
    expect(asked.sort()).toEqual(['issue-1', 'issue-2', 'issue-3', 'issue-4']);
  });

  it('keeps what it cannot judge, tells it, and judges it at the next start', async () => {
    const folder = place();
    await cutShort(folder, '材料', 'issue-1');
    const told: string[] = [];
    const away = new Files(folder, (_, what) => void told.push(what));
    await away.recover(() => Promise.reject(new Error('the store is away')));
    expect(told).toEqual([expect.stringContaining(hashOf('材料'))]);
    await upload(away, '材料', refusing, 'issue-2');
    expect(heldIn(folder)).toMatchObject({ files: [hashOf('材料')], notes: [hashOf('材料')] });
    await new Files(folder).recover(() => Promise.resolve(false));
    expect(heldIn(folder)).toEqual({ files: [], notes: [], drafts: 0 });
  });

  it('clears a note whose file is not there yet or not any more, or that was only half written', async () => {
    const folder = place();
    mkdirSync(join(folder, 'pending'), { recursive: true });
    writeFileSync(join(folder, 'pending', hashOf('甲')), '\nissue-1\n');
    writeFileSync(join(folder, 'pending', hashOf('乙')), '\nissue-1\n\nissu');
    writeFileSync(join(folder, 'pending', hashOf('丙')), '');
    const asked: string[] = [];
    const away = new Files(folder);
    await away.recover(() => Promise.reject(new Error('the store is away')));
    await upload(away, '乙', unanswered, 'issue-2');
    await new Files(folder).recover(async (stream) => (asked.push(stream), stream === 'issue-2'));
    expect(heldIn(folder)).toEqual({ files: [hashOf('乙')], notes: [], drafts: 0 });
    expect(asked.sort()).toEqual(['issu', 'issue-1', 'issue-1', 'issue-2']);
  });

  it('finds nothing to do in an empty folder, and leaves alone what it did not make', async () => {
    const folder = place();
    await new Files(folder).recover(never);
    mkdirSync(join(folder, 'pending'), { recursive: true });
    writeFileSync(join(folder, 'pending', 'a note of somebody'), 'issue-1');
    await new Files(folder).recover(never);
    expect(heldIn(folder).notes).toEqual(['a note of somebody']);
  });
});
