// A folder shows more than the newest state of its log: partial files of earlier sizes, which nobody asks for while the
// newest is read. They are published all the same, so an audit of a folder looks at them too.
import { differsFromLater } from '#tlog/earlier-file';
import { parseTilePath, tileWidth } from '#tlog/tile';
import type { Finding } from './sentences';
import type { LogPlace } from './sources';

/**
 * The changed file with the lowest index among the partial files below `size`; files beyond it were never signed.
 * @param place whose newest files of that size are verified already
 */
export async function changedEarlierFile(
  place: LogPlace,
  size: bigint,
): Promise<Required<Pick<Finding, 'index' | 'what' | 'where'>> | undefined> {
  let lowest: { index: bigint; where: string } | undefined;
  for (const where of (await place.names?.('tile')) ?? []) {
    const name = parseTilePath(where);
    if (!name) continue;
    const width = tileWidth(name.level === 'entries' ? 0 : name.level, name.n, size);
    if (name.width >= width) continue;
    // A log that runs on removes such files while it is read.
    const earlier = await place.read(where, Number.MAX_SAFE_INTEGER);
    if (!earlier) continue;
    const { level, n } = name;
    const later = level === 'entries' ? await place.bundle(n, width) : await place.tile(level, n, width);
    const index = differsFromLater(name, earlier, later);
    if (index !== undefined && (lowest === undefined || index < lowest.index)) lowest = { index, where };
  }
  if (!lowest) return undefined;
  const what = '较早检查点的部分文件被改动,与其后的同名文件不符';
  return { index: Number(lowest.index), what, where: lowest.where };
}
