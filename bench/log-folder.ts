// A peer's log of any length as files: tiles, bundles and a signed checkpoint, made by the parts that the relay uses.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { RelayEdge } from '#chassis/relay-edge';
import { signCheckpoint } from '#tlog/checkpoint';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { leafHash } from '#tlog/merkle';
import { growthFiles } from '#tlog/tile';

const slice = 4_096n;

/** @returns the log's verifier key */
export function writeLog(folder: string, origin: string, entries: Iterable<Uint8Array>): string {
  const edge = RelayEdge.load(0n, () => new Uint8Array(0));
  let written = 0n;
  const write = (): void => {
    for (const { path, bytes } of growthFiles(written, edge.size, edge.hashAt, edge.entryAt)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), bytes);
    }
    written = edge.size;
    edge.settle();
  };
  for (const entry of entries) {
    edge.append(entry, leafHash(entry));
    if (edge.size - written === slice) write();
  }
  if (edge.size > written) write();
  const key = signingKey(origin, LOG_KEY_TYPE, new Uint8Array(32).fill(5));
  const note = signCheckpoint({ origin, size: edge.size, root: edge.frontier.root() }, key);
  writeFileSync(join(folder, 'checkpoint'), note);
  return formatVkey(key);
}
