import { writeBundle } from '#tlog/bundle';
import { RecentBundle } from './recent-bundle';

const entry = (n: number): Uint8Array => Buffer.from(`entry ${n}`);
const bundle = (from: number, to: number): Uint8Array =>
  writeBundle(Array.from({ length: to - from }, (_, n) => entry(from + n)));
const text = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString();

describe('the newest bundle', () => {
  it('grows by entries that join what was fetched, and gives any shorter form of itself', () => {
    const recent = new RecentBundle();
    recent.keep(2n, 3, bundle(0, 3));
    recent.grow(515n, bundle(3, 5));
    expect(text(recent.take(2n, 5))).toBe(text(bundle(0, 5)));
    expect(text(recent.take(2n, 4))).toBe(text(bundle(0, 4)));
    expect(recent.take(2n, 6)).toBeUndefined();
    expect(recent.take(1n, 3)).toBeUndefined();
  });

  it('begins anew at the border of a tile, whatever was held', () => {
    const recent = new RecentBundle();
    recent.grow(256n, bundle(0, 2));
    expect(text(recent.take(1n, 2))).toBe(text(bundle(0, 2)));
    recent.grow(512n, bundle(7, 8));
    expect(text(recent.take(2n, 1))).toBe(text(bundle(7, 8)));
    expect(recent.take(1n, 2)).toBeUndefined();
  });

  it('leaves aside what leaves a gap, what is no bundle and what runs over the border', () => {
    const recent = new RecentBundle();
    recent.keep(0n, 3, bundle(0, 3));
    recent.grow(4n, bundle(4, 5));
    recent.grow(3n, Buffer.from([0, 9, 1]));
    recent.grow(3n, bundle(3, 257));
    expect(recent.take(0n, 4)).toBeUndefined();
    expect(text(recent.take(0n, 3))).toBe(text(bundle(0, 3)));
  });

  it('takes a repeated hint for what it is, and is not pushed back by an older bundle', () => {
    const recent = new RecentBundle();
    recent.keep(0n, 3, bundle(0, 3));
    recent.grow(1n, bundle(1, 3));
    recent.keep(0n, 1, bundle(0, 1));
    expect(text(recent.take(0n, 3))).toBe(text(bundle(0, 3)));
  });

  it('is given up when it grows too large to keep, and when it is told to', () => {
    const recent = new RecentBundle();
    recent.keep(0n, 1, bundle(0, 1));
    recent.grow(1n, writeBundle(Array.from({ length: 17 }, () => new Uint8Array(65_000))));
    expect(recent.take(0n, 1)).toBeUndefined();
    recent.keep(0n, 1, bundle(0, 1));
    recent.forget();
    expect(recent.take(0n, 1)).toBeUndefined();
  });
});
