// Is one state of a log the beginning of another, verified one? Told from the tiles alone, without reading entries anew.
import { equal } from '#tlog/bytes';
import type { Checkpoint } from '#tlog/checkpoint';
import { BadFile, LogFault } from '#tlog/log-reader';
import type { LogSource } from '#tlog/log-reader';
import { emptyRoot, verifyConsistency } from '#tlog/merkle';
import { consistencyProof } from '#tlog/prove';

/**
 * @param now of a log whose tiles `source` holds and that was verified
 * @param where the file that `earlier` stands in
 * @throws LogFault unless `earlier` is a state that the log went through
 */
export async function demandPrefix(
  source: Pick<LogSource, 'tile'>,
  earlier: Pick<Checkpoint, 'size' | 'root'>,
  now: Checkpoint,
  where: string,
): Promise<void> {
  const fault = (kind: 'shrank' | 'rewritten' | 'file', what: string) =>
    new LogFault({ origin: now.origin, kind, index: undefined, what, where });
  if (earlier.size > now.size) {
    throw fault('shrank', `the log shrank: it had ${earlier.size} entries, now ${now.size}`);
  }
  const holds = await isPrefix(source, earlier, now).catch((error: unknown) => {
    throw error instanceof BadFile ? fault('file', error.message) : error;
  });
  if (holds) return;
  throw fault('rewritten', `the log was rewritten below its earlier size ${earlier.size}`);
}

async function isPrefix(
  source: Pick<LogSource, 'tile'>,
  earlier: Pick<Checkpoint, 'size' | 'root'>,
  now: Checkpoint,
): Promise<boolean> {
  if (earlier.size === 0n) return equal(earlier.root, emptyRoot());
  const proof = await consistencyProof(source, earlier.size, now.size);
  return verifyConsistency(earlier.size, now.size, earlier.root, now.root, proof);
}
