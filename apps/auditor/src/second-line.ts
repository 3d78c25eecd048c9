// What the profile gm adds to a log (docs/spec/gm.md). Of the SM2 line of its checkpoints the key comes from the policy, else from the log itself like the
// log's own. Once a key is known, the newest checkpoint must carry its line; what fails is refused wherever it stands.
import { fromUtf8 } from '#tlog/bytes';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import type { VerifierKey } from '#tlog/key';
import { BadFile } from '#tlog/log-reader';
import type { Policy } from '#tlog/policy';
import { parseSm2Vkey } from '#tlog/sm2-key';
import { sm3Holds } from '#tlog/sm3';
import { AuditFault } from './sentences';
import type { LogPlace } from './sources';
import { Unreachable } from './sources';

export const secondFile = 'sm2-vkey';

/** The library is loaded only for a log that has such a key. @throws AuditFault */
export async function withSecond(place: LogPlace, key: VerifierKey, policy: Policy | undefined): Promise<VerifierKey> {
  const named = policy ? policy.second?.find(({ name }) => name === key.name) : await keyBeside(place, key.name);
  if (!named) return key;
  const { sm2Verifier } = await import('#tlog/sm2');
  return { ...key, second: sm2Verifier(named) };
}

/** @throws AuditFault */
export function demandSecond({ name, second }: VerifierKey, checkpoint: OpenCheckpoint): void {
  if (!second || checkpoint.second) return;
  throw new AuditFault({ origin: name, what: '检查点缺少该日志已公布的 SM2-SM3 签名行', where: 'checkpoint' });
}

/** @throws AuditFault for an entry whose SM3 digest is not that of the rest */
export function demandSm3(origin: string, entry: Uint8Array, index: bigint): void {
  if (sm3Holds(entry)) return;
  const where = 'tile/entries';
  throw new AuditFault({ origin, index: Number(index), what: '记录的 SM3 摘要与其内容不符', where });
}

async function keyBeside(place: LogPlace, origin: string) {
  try {
    const bytes = await place.read(secondFile, 4_096);
    if (!bytes) return undefined;
    const key = parseSm2Vkey(fromUtf8(bytes));
    if (key.name !== origin) throw new Error(`${key.name} 不是该日志`);
    return key;
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    const reason = error instanceof BadFile ? '文件过大' : (error as Error).message;
    throw new AuditFault({ origin, what: `SM2 验证公钥无效(${reason})`, where: secondFile });
  }
}
