// `revoke-key` of one agency while its service is stopped: its word that a peer's log key is known to others. It stands in
// the own store at once, counts here from the next start on, and reaches the others through the own log.
import { Command } from 'commander';
import { toHex } from '#tlog/bytes';
import { formatVkey, parseVkey, turnsOf } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { appendKeyEvents, heldSizes, keyEvents } from './announce-keys';
import type { Config, PeerConfig } from './config';
import { demandData, UsageFault, withStopped } from './fsck/run';
import { KeyBook } from './key-book';
import { openKeys } from './keys';
import { openLog, redacted } from './logging';
import { dataOf } from '#tlog/revocations';
import type { Word } from '#tlog/revocations';
import type { Slice } from './slice';

export type Revoking = {
  readonly peer: PeerConfig;
  /** Key id, 8 hex digits, or the whole verifier key. */
  readonly key: string;
  readonly lastGoodSize: bigint;
  readonly successor: string;
};

/** @param words what follows the agency's name @throws UsageFault */
export function understand({ agency, peers }: Config, words: readonly string[]): Revoking {
  const command = new Command(`revoke-key ${agency}`).exitOverride().configureOutput({ writeErr: () => undefined });
  command.requiredOption('--of <peer>').requiredOption('--key <id>').requiredOption('--last-good <size>');
  command.option('--successor <vkey>', '', '');
  try {
    command.parse([...words], { from: 'user' });
  } catch (error) {
    throw new UsageFault((error as Error).message);
  }
  const { of, key, lastGood, successor } = command.opts<Record<'of' | 'key' | 'lastGood' | 'successor', string>>();
  const peer = peers.find((each) => each.agency === of);
  if (!peer) throw new UsageFault(`--of ${of} is none of the peers`);
  if (!/^(0|[1-9]\d{0,14})$/.test(lastGood)) throw new UsageFault(`--last-good ${lastGood} is not the size of a log`);
  if (successor !== '') demandName(successor, peer.origin);
  return { peer, key, lastGoodSize: BigInt(lastGood), successor };
}

/** @throws UsageFault when the peer's log has no such key */
export function wordOn(known: VerifierKey, { peer, key, lastGoodSize, successor }: Revoking): Omit<Word, 'by'> {
  const found = turnsOf(known).find((turn) => toHex(turn.key.keyId) === key || formatVkey(turn.key) === key);
  if (found) return { origin: peer.origin, vkey: formatVkey(found.key), lastGoodSize, successor };
  const ids = turnsOf(known).map((turn) => toHex(turn.key.keyId));
  throw new UsageFault(`${peer.origin} has no key ${key}; known are ${ids.join(', ')}`);
}

/** @param words what follows the agency's name @returns exit code: 0 written, 1 refused, 2 wrong usage */
export async function runRevoke(config: Config, _slices: readonly Slice[], words: readonly string[]): Promise<number> {
  try {
    const revoking = understand(config, words);
    demandData(config);
    const log = openLog('error', config.agency, process.stderr);
    const said = await withStopped(config, log, async ({ store, database }) => {
      const { words: own, revision } = await keyEvents(store, config.agency);
      const known = await new KeyBook({ sql: database, config, words: own }).logKey(revoking.peer.origin);
      if (!known) throw new UsageFault(`the key of ${revoking.peer.origin} is not known here`);
      const word = wordOn(known, revoking);
      const keys = openKeys(config.folder, config.origin);
      const parts = { agency: config.agency, store, keys, seen: () => heldSizes(database) };
      await appendKeyEvents(parts, [{ type: 'KeyRevoked', data: dataOf(word) }], revision);
      return word;
    });
    process.stdout.write(told(config, said));
    return 0;
  } catch (error) {
    process.stderr.write(`未吊销 / not revoked: ${String(redacted((error as Error).message))}\n`);
    return error instanceof UsageFault ? 2 : 1;
  }
}

function demandName(vkey: string, origin: string): void {
  try {
    if (parseVkey(vkey).name === origin) return;
  } catch (cause) {
    throw new UsageFault(`--successor: ${(cause as Error).message}`, { cause });
  }
  throw new UsageFault(`--successor is no key of ${origin}`);
}

function told({ agency }: Config, { origin, vkey, lastGoodSize, successor }: Omit<Word, 'by'>): string {
  return [
    `${agency}：已记下吊销 ${vkey}。下次启动后，本机关不再接受仅由它签名、超过第${lastGoodSize}条的检查点，并在日志中公布。`,
    `noted: beyond size ${lastGoodSize} of ${origin} that key alone is refused from the next start on, and the log says so.`,
    successor === ''
      ? '未指定接替的公钥 / no successor named.'
      : '接替的公钥须另一机关同样指定后才生效 / the successor counts once another agency names the same one.',
    '',
  ].join('\n');
}
