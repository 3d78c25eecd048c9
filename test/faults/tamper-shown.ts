// What can be changed of what others are shown: signatures, files, and everything together so that it fits again.
import { bundleEntries, writeBundle } from '#tlog/bundle';
import { fromBase64 } from '#tlog/bytes';
import { signCheckpoint } from '#tlog/checkpoint';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { leafHash } from '#tlog/merkle';
import { HASH_SIZE } from '#tlog/sha256';
import { origin } from './forger';
import type { Forger, Pen } from './forger';
import { held, inserted, mirrored, retitle, shownNothing, swapped, unsigned } from './variant';
import type { Places, Variant } from './variant';

const flip = (bytes: Buffer, at: number): Buffer => {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
};
const bundle = 'tile/entries/000';
const tile = 'tile/0/000';
const leafOf = (entry: Uint8Array): Uint8Array => leafHash(entry);
const withEntry = (bytes: Buffer, nth: number, change: (entry: Buffer) => Buffer): Uint8Array => {
  const entries = [...bundleEntries(bytes)];
  entries[nth] = change(Buffer.from(entries[nth] as Uint8Array));
  return writeBundle(entries);
};
const withLeaf = (bytes: Buffer, nth: number, leaf: Uint8Array): Buffer => {
  const changed = Buffer.from(bytes);
  changed.set(leaf, nth * HASH_SIZE);
  return changed;
};
const retitled = (entry: Buffer): Buffer => Buffer.from(entry.toString('utf8').replace('工作落实', '工作落定'));
const exchanged = (bytes: Buffer, a: number, b: number): Uint8Array => {
  const entries = [...bundleEntries(bytes)];
  [entries[a], entries[b]] = [entries[b] as Uint8Array, entries[a] as Uint8Array];
  return writeBundle(entries);
};
const lastPartial = (at: Places, kind: 'entries' | '0', width = at.width): string => `tile/${kind}/001.p/${width}`;
/** Last index under the first signature that covers entry `k`. */
const signedOver = ({ signed, k }: Places): number => (signed.find((size) => size > k) as number) - 1;
/** First index that the witnesses' words leave in doubt when entry `k` was changed. */
const cosignedBelow = ({ cosigned }: Places, k: number): number => cosigned.findLast((size) => size <= k) ?? 0;
const noteOf = async (forger: Forger, which: string): Promise<string> => {
  const [row] = await forger.sql(`select note from log.checkpoint order by size desc offset ${which} limit 1`);
  return (row as Record<string, string>)['note'] as string;
};

const otherKey = signingKey(origin, LOG_KEY_TYPE, new Uint8Array(32).fill(9));
const resigned = (note: string, key: typeof otherKey): Uint8Array => {
  const [, size, root] = note.split('\n');
  return signCheckpoint({ origin, size: BigInt(size as string), root: fromBase64(root as string) }, key);
};

export const checkpoints: readonly Variant[] = [
  {
    what: 'checkpoint: the last one signed by another key',
    harm: async (forger, at) => {
      const note = Buffer.from(resigned(await noteOf(forger, '0'), otherKey)).toString('utf8');
      await forger.sql('update log.checkpoint set note = $1 where size = $2', note, at.size);
    },
    fsck: ({ size }) => [`checkpoints checkpoint ${size - 1}`, 'checkpoints shown checkpoint'],
    ...shownNothing,
  },
  {
    what: 'checkpoint: the last row deleted',
    harm: (forger, at) => forger.sql('delete from log.checkpoint where size = $1', at.size),
    fsck: (at) => ['checkpoints shown checkpoint', `checkpoints cosigned ${cosignedBelow(at, at.size - 1)}`],
    ...shownNothing,
  },
  {
    what: 'checkpoint: an older root signed anew with the stolen key',
    harm: async (forger) => {
      const key = signingKey(origin, LOG_KEY_TYPE, forger.signer('stolen'));
      const [, size] = (await noteOf(forger, '1')).split('\n') as [string, string];
      const root = new Uint8Array(32).fill(1);
      const note = Buffer.from(signCheckpoint({ origin, size: BigInt(size), root }, key)).toString('utf8');
      await forger.sql(
        'update log.checkpoint set root = $1, note = $2 where size = $3',
        Buffer.from(root).toString('base64'),
        note,
        size,
      );
    },
    fsck: ({ signed }) => [`checkpoints checkpoint ${(signed.at(-2) as number) - 1}`],
    ...shownNothing,
  },
  {
    what: 'checkpoint: what others are shown is an older one',
    harm: async (forger) => {
      const older = await noteOf(forger, '3');
      forger.edit('checkpoint', () => Buffer.from(older));
      forger.remove('cosigned');
    },
    fsck: () => ['checkpoints shown checkpoint'],
    audit: () => 'INVALID',
    past: () => 'INVALID',
    peer: 'older',
  },
  {
    what: 'checkpoint: shown signed by another key, with that key beside it',
    harm: (forger) => {
      forger.edit('checkpoint', (note) => resigned(note.toString('utf8'), otherKey));
      forger.edit('vkey', () => Buffer.from(`${formatVkey(otherKey)}\n`));
    },
    fsck: () => ['checkpoints shown checkpoint', 'checkpoints shown vkey'],
    audit: () => 'INVALID',
    past: () => 'INVALID',
    peer: 'refused',
  },
  {
    what: 'checkpoint: a cosignature beside it changed',
    harm: (forger) => forger.edit('cosigned', (note) => flip(note, note.lastIndexOf('=') - 12)),
    fsck: () => ['checkpoints cosigned cosigned'],
    audit: () => 'INVALID',
    past: mirrored,
    peer: shownNothing.peer,
  },
];

export const files: readonly Variant[] = [
  {
    what: 'files: an entry in its bundle',
    harm: (forger, at) => forger.edit(bundle, (bytes) => withEntry(bytes, at.k, retitled)),
    fsck: ({ k }) => [`files bundle ${k}`],
    audit: ({ k }) => `INVALID ${k}`,
    past: mirrored,
    peer: held,
  },
  {
    what: 'files: the leaf of an entry',
    harm: (forger, at) => forger.edit(tile, (bytes) => flip(bytes, at.k * HASH_SIZE)),
    fsck: ({ k }) => [`files tile ${k}`],
    audit: ({ k }) => `INVALID ${k}`,
    past: mirrored,
    peer: held,
  },
  {
    what: 'files: an entry in its bundle, with its leaf',
    harm: (forger, at) => {
      forger.edit(bundle, (bytes) => withEntry(bytes, at.k, retitled));
      const entry = [...bundleEntries(forger.bytes(bundle))][at.k] as Uint8Array;
      forger.edit(tile, (bytes) => withLeaf(bytes, at.k, leafOf(entry)));
    },
    fsck: ({ k }) => [`files tile ${k}`, `files bundle ${k}`],
    audit: () => 'INVALID 0',
    past: mirrored,
    peer: held,
  },
  {
    what: 'files: two entries change places, leaves and all',
    harm: (forger, at) => {
      forger.edit(bundle, (bytes) => exchanged(bytes, at.k, at.k + 1));
      const entries = [...bundleEntries(forger.bytes(bundle))];
      for (const nth of [at.k, at.k + 1]) {
        forger.edit(tile, (bytes) => withLeaf(bytes, nth, leafOf(entries[nth] as Uint8Array)));
      }
    },
    fsck: ({ k }) => [`files tile ${k}`, `files bundle ${k}`],
    audit: () => 'INVALID 0',
    past: mirrored,
    peer: held,
  },
  {
    what: 'files: a bundle cut off',
    harm: (forger, at) => forger.edit(lastPartial(at, 'entries'), (bytes) => bytes.subarray(0, bytes.length - 9)),
    fsck: ({ size }) => [`files bundleEnd ${size - 1}`],
    audit: ({ size }) => `INVALID ${size - 1}`,
    past: mirrored,
    peer: held,
  },
  {
    what: 'files: a bundle deleted',
    harm: (forger, at) => forger.remove(lastPartial(at, 'entries')),
    fsck: ({ late }) => [`files bundleEnd ${late}`],
    audit: ({ late }) => `INVALID ${late}`,
    past: mirrored,
    peer: held,
  },
  {
    what: 'files: a hash of the tile above',
    harm: (forger) => forger.edit('tile/1/000.p/1', (bytes) => flip(bytes, 3)),
    fsck: () => ['files upperTile 0'],
    audit: () => 'INVALID 0',
    past: mirrored,
    peer: held,
  },
  {
    what: 'files: an entry in the file of an earlier size',
    harm: (forger, at) =>
      forger.edit(lastPartial(at, 'entries', at.earlier), (bytes) => withEntry(bytes, 1, (entry) => flip(entry, 9))),
    fsck: ({ late }) => [`files earlierFile ${late + 1}`],
    audit: ({ late }) => `INVALID ${late + 1}`,
    past: mirrored,
    peer: held,
  },
];

/** First the events, then rows, files and, as far as the pen reaches, signatures; read models too. */
const rewritten =
  (harm: Variant['harm'], pen: Pen, more: { forget?: boolean } = {}): Variant['harm'] =>
  async (forger, at) => {
    await harm(forger, at);
    await forger.rewriteFromEvents(pen);
    if (more.forget) await forger.forgetWitnesses();
    await forger.rebuildViews();
  };
const grown =
  (harm: Variant['harm']): Variant['harm'] =>
  async (forger, at) => {
    await harm(forger, at);
    await forger.addEvent();
  };
const updated: Variant['harm'] = (forger, at) => forger.events(retitle, at.positionOf(at.k));
const deleted: Variant['harm'] = (forger, at) =>
  forger.events('delete from store.events where position = $1', at.positionOf(at.k));
const added: Variant['harm'] = (forger, at) => forger.events(inserted, at.positionOf(at.k));
const reordered: Variant['harm'] = (forger, at) => forger.events(swapped, at.positionOf(at.k), at.positionOf(at.k + 1));
const cut: Variant['harm'] = (forger, at) =>
  forger.events('delete from store.events where position >= $1', at.positionOf(at.size - 4));

export const consistent: readonly Variant[] = [
  {
    what: 'all rewritten without the key: update',
    harm: rewritten(updated, 'left'),
    fsck: (at) => ['entries root 0', `checkpoints checkpoint ${signedOver(at)}`],
    audit: () => 'DIVERGED',
    past: mirrored,
    peer: unsigned,
  },
  {
    what: 'all rewritten without the key: delete',
    harm: rewritten(deleted, 'left'),
    fsck: (at) => ['entries root 0', `checkpoints checkpoint ${signedOver(at)}`],
    audit: ({ late }) => `INVALID ${late}`,
    past: mirrored,
    peer: unsigned,
  },
  {
    what: 'all rewritten and signed by another key: update',
    harm: rewritten(updated, 'other'),
    fsck: () => ['entries root 0', 'checkpoints checkpoint 0'],
    audit: () => 'INVALID',
    past: () => 'INVALID',
    peer: 'refused',
  },
  {
    what: 'all rewritten with the stolen key: update',
    harm: rewritten(updated, 'stolen'),
    fsck: (at) => [`checkpoints cosigned ${cosignedBelow(at, at.k)}`],
    audit: () => 'INVALID',
    past: () => 'DIVERGED',
    peer: 'fork',
  },
  {
    what: 'all rewritten with the stolen key: insert',
    harm: rewritten(added, 'stolen'),
    fsck: (at) => [`checkpoints cosigned ${cosignedBelow(at, at.k + 1)}`],
    audit: () => 'INVALID',
    past: () => 'DIVERGED',
    peer: 'fork',
  },
  {
    what: 'all rewritten with the stolen key: delete, and one event more',
    harm: rewritten(grown(deleted), 'stolen'),
    fsck: (at) => [`checkpoints cosigned ${cosignedBelow(at, at.k)}`],
    audit: () => 'INVALID',
    past: () => 'DIVERGED',
    peer: 'fork',
  },
  {
    what: 'all rewritten with the stolen key: reorder',
    harm: rewritten(reordered, 'stolen'),
    fsck: (at) => [`checkpoints cosigned ${cosignedBelow(at, at.k)}`],
    audit: () => 'INVALID',
    past: () => 'DIVERGED',
    peer: 'fork',
  },
  {
    what: 'all rewritten with the stolen key: truncate',
    harm: rewritten(cut, 'stolen'),
    fsck: (at) => [`checkpoints cosigned ${cosignedBelow(at, at.size - 4)}`],
    audit: () => 'INVALID',
    past: () => 'INVALID',
    peer: 'older',
  },
  {
    what: 'all rewritten with the stolen key, and it has grown: update',
    harm: rewritten(grown(updated), 'stolen'),
    fsck: (at) => [`checkpoints cosigned ${cosignedBelow(at, at.k)}`],
    audit: () => 'INVALID',
    past: () => 'DIVERGED',
    peer: 'fork',
  },
  {
    what: 'all rewritten with the stolen key, cosignatures deleted: update',
    harm: rewritten(updated, 'stolen', { forget: true }),
    // The log agrees with itself; the journal still holds the leaf of what was stored.
    fsck: ({ k, positionOf }) => [`journal journalEvent ${Number(positionOf(k)) - 1}`],
    audit: () => 'INVALID',
    past: () => 'DIVERGED',
    peer: 'fork',
  },
];
