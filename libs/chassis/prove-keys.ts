// `key-proof` of one agency: prints by what its peers can see that whoever gave them its verifier keys has them.
import type { Config } from './config';
import { hasKeys, openKeys, possessionOf } from './keys';
import type { Slice } from './slice';

/** @returns exit code: 0 printed, 1 there are no keys */
export function runProveKeys({ agency, folder, origin }: Config, _: readonly Slice[]): Promise<number> {
  if (!hasKeys(folder)) {
    process.stderr.write(`还没有密钥：请先启动一次 ${agency} / no keys in ${folder}; start the service once\n`);
    return Promise.resolve(1);
  }
  const { log, witness } = openKeys(folder, origin);
  for (const [role, key] of [[agency, log] as const, [`${agency}.witness`, witness] as const]) {
    process.stdout.write(`请存为 / store as <data>/trust/${role}.proof\n\n${possessionOf(origin, key)}\n`);
  }
  return Promise.resolve(0);
}
