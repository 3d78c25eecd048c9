// Entry bundles (C2SP tlog-tiles v0.1.0): up to 256 entries in one file, each behind its length in two bytes. The
// two bytes are why an entry ends at 65,535 bytes; whatever is longer enters the log by its hash.
export const MAX_ENTRY_SIZE = 65_535;
/** The largest possible bundle: what a reader may have to hold. */
export const MAX_BUNDLE_SIZE = 256 * (MAX_ENTRY_SIZE + 2);

/** A bundle that ends within an entry, or goes on behind its last one. `position` counts entries within the bundle. */
export class BundleFault extends Error {
  override readonly name = 'BundleFault';
  constructor(
    readonly position: number,
    message: string,
  ) {
    super(message);
  }
}

/** Throws for an entry of more than 65,535 bytes. */
export function writeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bundle = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_SIZE) {
      throw new Error(`an entry has at most ${MAX_ENTRY_SIZE} bytes, not ${entry.length}: put long content in by hash`);
    }
    bundle[at] = entry.length >> 8;
    bundle[at + 1] = entry.length & 0xff;
    bundle.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bundle;
}

/** The entries of a bundle as views into it, in order. Throws BundleFault at the first that is cut short. */
export function* bundleEntries(bundle: Uint8Array): Generator<Uint8Array, void> {
  let at = 0;
  for (let position = 0; at < bundle.length; position++) {
    const end = at + 2 + (bundle[at]! << 8) + (bundle[at + 1] ?? 0);
    if (at + 2 > bundle.length || end > bundle.length) {
      throw new BundleFault(position, `the bundle ends within entry ${position} of it`);
    }
    yield bundle.subarray(at + 2, end);
    at = end;
  }
}

/** The bundle's first `width` entries, for a reader of an older checkpoint. Throws BundleFault when there are fewer. */
export function narrowBundle(bundle: Uint8Array, width: number): Uint8Array {
  let size = 0;
  let count = 0;
  for (const entry of bundleEntries(bundle)) {
    if (count === width) break;
    size += 2 + entry.length;
    count++;
  }
  if (count < width) throw new BundleFault(count, `the bundle holds ${count} entries, not ${width}`);
  return bundle.subarray(0, size);
}
