// What a power cut takes of files that were not flushed yet, planted by hand: the next start writes them anew from the
// rows, byte for byte. What was on disk for sure is not mended by anybody.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { startTestPostgres } from '#testing/postgres';
import type { TestPostgres } from '#testing/postgres';
import { parseTilePath } from '#tlog/tile';
import { startRelay } from './relay';
import { RelayPlace } from './relay-place';
import { samplePublishedIds, silent } from './relay-sample';

jest.setTimeout(120_000);

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

type Files = ReadonlyMap<string, Buffer>;

function filesOf(folder: string): Files {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    paths
      .filter((path) => statSync(join(folder, path)).isFile() && !path.startsWith('.temporary'))
      .sort()
      .map((path) => [path, readFileSync(join(folder, path))]),
  );
}

function put(folder: string, path: string, bytes: Uint8Array): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), bytes);
}

/** Partial tiles and bundles of a tile that is full are not kept. */
function isKept(path: string, files: Files): boolean {
  const name = parseTilePath(path);
  return !name || name.width === 256 || !files.has(dirname(path).replace(/\.p$/, ''));
}

/** Paths and what is in them, short enough for a test's report. */
function shown(files: Files, wanted: (path: string) => boolean = () => true): string[] {
  const digest = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64');
  return [...files].filter(([path]) => wanted(path)).map(([path, bytes]) => `${path} ${bytes.length} ${digest(bytes)}`);
}

const flushedEvents = 600;
// 400 entries on disk; then a leap, small steps through which a tile becomes full, another leap, and the last step.
const laterEvents = [150, ...Array.from({ length: 10 }, () => 3), 330, 3];
const allEvents = laterEvents.reduce((sum, count) => sum + count, flushedEvents);

/** A log of 742 entries, of which 400 are on disk; then the plug is pulled. */
async function cutOff(): Promise<{ place: RelayPlace; flushed: Files; written: Files }> {
  const place = await RelayPlace.make(await postgres.fresh());
  await place.append(flushedEvents);
  const first = await startRelay(place.parts());
  await place.caughtUp(first);
  await first.stop();
  const flushed = filesOf(place.folder);
  const wanted = samplePublishedIds(allEvents).length;
  let told = 0;
  let fell: (error: Error) => void;
  const fallen = new Promise<Error>((resolve) => (fell = resolve));
  const crash = async (step: string) => {
    if (step !== 'told') return;
    const [row] = await place.database.query('select max(size) as size from log.checkpoint');
    told = Number(row.size);
    if (told === wanted) throw new Error('pulled');
  };
  const second = await startRelay(place.parts({ crash, onFatal: (error) => fell(error) }));
  for (const count of laterEvents) {
    await place.append(count);
    if (count < 10) while (told < place.published()) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  expect((await fallen).message).toBe('pulled');
  await second.stop();
  return { place, flushed, written: filesOf(place.folder) };
}

const losses: Record<string, (folder: string, path: string, bytes: Buffer, nth: number) => void> = {
  missing: (folder, path) => rmSync(join(folder, path)),
  empty: (folder, path) => truncateSync(join(folder, path), 0),
  torn: (folder, path, bytes) => truncateSync(join(folder, path), Math.floor(bytes.length / 2)),
  'filled with zeros': (folder, path, bytes) => put(folder, path, Buffer.alloc(bytes.length)),
  'each damaged in its own way': (folder, path, bytes, nth) => {
    const ways = ['missing', 'empty', 'torn', 'filled with zeros'].map((way) => losses[way]!);
    ways[nth % 5]?.(folder, path, bytes, nth);
  },
};

describe('a power cut', () => {
  it.each(Object.keys(losses))('leaves files that were not flushed %s: a start writes them anew', async (loss) => {
    const { place, flushed, written } = await cutOff();
    const unflushed = [...written.keys()].filter((path) => !flushed.has(path));
    expect(unflushed.filter((path) => isKept(path, written)).length).toBeGreaterThan(4);
    unflushed.forEach((path, nth) => losses[loss]!(place.folder, path, written.get(path)!, nth));
    // The visible checkpoint fell back to what it was before.
    put(place.folder, 'checkpoint', flushed.get('checkpoint')!);
    const warnings: string[] = [];
    const log = { ...silent, warn: (_: object, message: string) => void warnings.push(message) };
    const relay = await startRelay(place.parts({ log }));
    // All is whole again before anybody can ask for it.
    expect(shown(filesOf(place.folder))).toEqual(shown(written, (path) => isKept(path, written)));
    expect(warnings).toEqual(['files of the log were written anew from its rows']);
    expect(await place.verifiedIds()).toEqual(samplePublishedIds(allEvents));
    await place.append(3);
    await place.caughtUp(relay);
    await relay.stop();
    expect(await place.verifiedIds()).toEqual(samplePublishedIds(allEvents + 3));
    await place.close();
  });

  it('may take the whole folder of a log that was never flushed', async () => {
    const place = await RelayPlace.make(await postgres.fresh());
    await place.append(600);
    expect(await place.runUntil('told', 1)).toBe('died');
    const written = filesOf(place.folder);
    for (const path of written.keys()) truncateSync(join(place.folder, path), 0);
    rmSync(join(place.folder, 'vkey'));
    await (await startRelay(place.parts())).stop();
    expect(shown(filesOf(place.folder))).toEqual(shown(written, (path) => isKept(path, written)));
    await place.close();
  });

  it('may come again while a lost folder is written anew', async () => {
    const { place, written } = await cutOff();
    rmSync(place.folder, { recursive: true });
    let count = 0;
    const crash = (step: string) => {
      if (step === 'file-named' && count++ === 3) throw new Error('pulled');
    };
    await expect(startRelay(place.parts({ crash }))).rejects.toThrow('pulled');
    for (const path of filesOf(place.folder).keys()) truncateSync(join(place.folder, path), 1);
    await (await startRelay(place.parts())).stop();
    const again = filesOf(place.folder);
    for (const [path, bytes] of again) expect(bytes.equals(written.get(path)!)).toBe(true);
    expect(await place.verifiedIds()).toEqual(samplePublishedIds(allEvents));
    await place.close();
  });

  it.each([
    ['tile/0/001.p/144', 'is not the one of its leaf'],
    ['tile/entries/001.p/144', 'is not the one of its leaf'],
    ['tile/1/000.p/1', 'give different roots at size 742'],
  ])('is no excuse for a byte changed in %s, which was on disk', async (path, reason) => {
    const { place, flushed, written } = await cutOff();
    for (const other of written.keys()) if (!flushed.has(other)) truncateSync(join(place.folder, other), 0);
    const bytes = Buffer.from(flushed.get(path)!);
    bytes[25]! ^= 1;
    put(place.folder, path, bytes);
    const before = filesOf(place.folder);
    await expect(startRelay(place.parts())).rejects.toThrow(reason);
    // Refused as it lay there: nothing was mended around it.
    expect(shown(filesOf(place.folder))).toEqual(shown(before));
    await place.close();
  });

  it('is no excuse for a file that is missing though it was on disk, nor for changed rows', async () => {
    const { place, flushed, written } = await cutOff();
    rmSync(join(place.folder, 'tile/1/000.p/1'));
    await expect(startRelay(place.parts())).rejects.toThrow('the published files cannot be read');
    put(place.folder, 'tile/1/000.p/1', flushed.get('tile/1/000.p/1')!);
    await place.database.query(`update log.entry set bytes = (select bytes from log.entry where index = 500),
      hash = (select hash from log.entry where index = 500) where index = 501`);
    await expect(startRelay(place.parts())).rejects.toThrow('give different roots at size 742');
    expect(shown(filesOf(place.folder))).toEqual(shown(written));
    await place.close();
  });

  it('is no excuse for other bytes in a full tile that was on disk, even when the verifier key is gone', async () => {
    const { place } = await cutOff();
    rmSync(join(place.folder, 'vkey'));
    put(place.folder, 'tile/0/000', Buffer.alloc(8_192));
    await expect(startRelay(place.parts())).rejects.toThrow('tile/0/000 is there with other bytes');
    await place.close();
  });

  it('finds full tiles on disk while the log grows, and their partial ones gone', async () => {
    const place = await RelayPlace.make(await postgres.fresh());
    const relay = await startRelay(place.parts({ flushEntries: 256 }));
    for (let nth = 0; nth < 10; nth++) {
      await place.append(90);
      await place.caughtUp(relay);
    }
    const flushed = async () => Number((await place.database.query('select size from log.flushed'))[0].size);
    while ((await flushed()) < 512) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await flushed()) % 256).toBe(0);
    expect(existsSync(join(place.folder, 'tile/entries/000.p'))).toBe(false);
    expect(existsSync(join(place.folder, 'tile/entries/002.p'))).toBe(true);
    await relay.stop();
    expect(await flushed()).toBe(600);
    await place.close();
  });
});
