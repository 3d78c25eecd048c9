// Did this agency's log go back? A restored backup signs again what others have already seen differently, and nobody can
// take a signature back. What the witnesses cosigned last, and what the peers hold, which may be more, is asked before the
// first signature; the witnesses again for as long as the service runs, because one may have been away at the start.
import { getBytes, NotServed } from '#stream/http-get';
import type { LogSink } from '#stream/log-sink';
import { fromBase64, equal, toHex, utf8 } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import type { VerifierKey } from '#tlog/key';
import { MAX_NOTE_SIZE } from '#tlog/note';
import { sha256 } from '#tlog/sha256';
import type { Sql } from '../database';
import type { Seat } from './roster';

/** Others hold signatures of this log that it does not know any more. */
export class HistoryLost extends Error {
  override readonly name = 'HistoryLost';
}

const patienceMs = 1_500;

export type OwnHistoryParts = {
  readonly sql: Sql;
  readonly origin: string;
  readonly key: VerifierKey;
  readonly seats: readonly Seat[];
  /** Where the peers serve what they follow: each stores before it cosigns. */
  readonly mirrors: readonly { readonly name: string; readonly url: string }[];
  readonly log: LogSink;
  /** Reads what a witness or a mirror serves under a URL. @throws NotServed with status 404 when it has nothing */
  readonly read?: (url: string) => Promise<Uint8Array>;
};

/**
 * Asks every witness that answers for what it cosigned last of the own log, and every mirror for what it holds. One
 * that is silent holds nothing up.
 * @throws HistoryLost, with a sentence for whoever operates the service
 */
export async function demandWholeHistory(parts: OwnHistoryParts): Promise<void> {
  const { sql, origin, key, seats, mirrors, log, read = soonRead } = parts;
  const witnesses = seats.flatMap(({ name, url }) => (url === undefined ? [] : [{ name, url }]));
  const answers = await Promise.all(
    [...witnesses, ...mirrors].map(async ({ name, url }) => {
      try {
        return { name, note: await read(`${url}/${toHex(sha256(utf8(origin)))}/checkpoint`) };
      } catch (error) {
        if (!(error instanceof NotServed && error.status === 404)) {
          log.warn({ from: name, url, why: (error as Error).message }, 'not asked at the start; asked again later');
        }
        return undefined;
      }
    }),
  );
  for (const answer of answers) {
    if (answer) await demandKnown({ sql, origin, key }, answer.name, answer.note);
  }
}

function soonRead(url: string): Promise<Uint8Array> {
  const signal = AbortSignal.timeout(patienceMs);
  return getBytes(url, MAX_NOTE_SIZE, { silenceMs: patienceMs, signal });
}

/**
 * @param note a checkpoint that somebody shows of the own log; without the own signature it proves nothing
 * @throws HistoryLost when the own key signed it and the own database does not know it
 */
async function demandKnown(
  { sql, origin, key }: Pick<OwnHistoryParts, 'sql' | 'origin' | 'key'>,
  from: string,
  note: Uint8Array,
): Promise<void> {
  let size: bigint;
  let root: Uint8Array;
  try {
    ({ size, root } = openCheckpoint(note, key));
  } catch {
    // A witness can show what it likes; only our own signature speaks of us.
    return;
  }
  const known = await ownRootAt(sql, size);
  if (known && equal(known, root)) return;
  throw await lostHistory(sql, origin, size, from);
}

/** Root that the own log signed at exactly this size. */
export async function ownRootAt(sql: Sql, size: bigint): Promise<Uint8Array | undefined> {
  const [row] = await sql.query('select root from log.checkpoint where size = $1', [String(size)]);
  return row && fromBase64(row.root);
}

export async function lostHistory(sql: Sql, origin: string, size: bigint, from: string): Promise<HistoryLost> {
  const [row] = await sql.query('select coalesce(max(size), 0) as size from log.checkpoint');
  const own = Number(row.size);
  const what =
    size > BigInt(own)
      ? `见证方${from}已见证到第${size}条，本机数据库只到第${own}条，疑为恢复了旧备份`
      : `见证方${from}见证的第${size}条处的内容与本机数据库不同，疑为恢复过备份或数据被改动`;
  return new HistoryLost(
    `没有启动：日志 ${origin} 拒绝签名。${what}。继续签名会形成两份互相矛盾的历史，且无法撤回。` +
      '请停用此备份，换用更新的数据库和日志目录，或从其他机关的副本恢复后再启动；不要删除密钥目录。',
  );
}
