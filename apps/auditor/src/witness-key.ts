// The key of an outside witness: made at the first start, readable by its owner alone, and bound to the folder that holds
// what it has cosigned. A key without that memory could be made to sign a second history.
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { COSIGNER_KEY_TYPE, formatVkey, signingKey } from '#tlog/key';
import type { SigningKey } from '#tlog/key';
import { BadTarget } from './sources';
import { storeDurably } from './stored';

/** In the folder of states: whose memory it is. */
const OWNER = 'witness-vkey';

/**
 * @param name of a key that is still to be made, such as `auditor.example.org/witness/v1`
 * @throws BadTarget for a key that others can read, is damaged, or is not the one that the folder belongs to
 */
export async function openWitnessKey(
  file: string,
  folder: string,
  name: string | undefined,
): Promise<{ readonly key: SigningKey; readonly isNew: boolean }> {
  const isNew = (await readFile(file).catch(ifMissing)) === undefined;
  if (isNew) await makeKey(file, folder, name);
  const key = await readKey(file);
  if (!isNew && name !== undefined && name !== key.name) {
    throw new BadTarget(`私钥文件 ${file} 的名称是 ${key.name},不是 ${name}`);
  }
  const owner = await readFile(join(folder, OWNER), 'utf8').catch(ifMissing);
  if (owner === undefined && !isNew) {
    const why = `状态文件夹 ${folder} 不属于私钥 ${key.name}:没有它签过什么的记录,可能被诱使签第二份历史`;
    throw new BadTarget(`${why}。请恢复原来的状态文件夹,或换一把新私钥`);
  }
  if (owner !== undefined && owner.trim() !== formatVkey(key)) {
    throw new BadTarget(`状态文件夹 ${folder} 属于另一见证方 ${owner.trim()},请为 ${key.name} 另选文件夹`);
  }
  // Before anything is signed; behind the key, so that a crash between the two leaves a key that has signed nothing.
  if (isNew) await storeDurably(folder, OWNER, Buffer.from(`${formatVkey(key)}\n`));
  return { key, isNew };
}

async function makeKey(file: string, folder: string, name: string | undefined): Promise<void> {
  if (name === undefined)
    throw new BadTarget(`还没有私钥文件 ${file}:请用 --name 给出见证方名称,如 auditor.example.org/witness/v1`);
  if ((await stat(join(folder, OWNER)).catch(ifMissing)) !== undefined) {
    throw new BadTarget(`状态文件夹 ${folder} 已属于一把私钥,而私钥文件 ${file} 不在:请恢复私钥,或另选文件夹`);
  }
  try {
    signingKey(name, COSIGNER_KEY_TYPE, new Uint8Array(32));
  } catch (cause) {
    throw new BadTarget(`--name 不是可用的名称(${(cause as Error).message})`, { cause });
  }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const made = await open(file, 'wx', 0o600);
  await made.writeFile(`${name}\n${randomBytes(32).toString('base64')}\n`);
  await made.sync();
  await made.close();
}

async function readKey(file: string): Promise<SigningKey> {
  if (((await stat(file)).mode & 0o077) !== 0) {
    throw new BadTarget(`他人可以读取私钥文件 ${file}:请视为已泄露,换一把新的;若确知无人读过,可 chmod 600`);
  }
  const [name, seed = '', ...rest] = (await readFile(file, 'utf8')).split('\n');
  const bytes = Buffer.from(seed, 'base64');
  try {
    if (bytes.length !== 32 || rest.join('') !== '') throw new Error('name and seed, a line each');
    return signingKey(name!, COSIGNER_KEY_TYPE, new Uint8Array(bytes));
  } catch (cause) {
    throw new BadTarget(`私钥文件 ${file} 已损坏(${(cause as Error).message}),请从备份恢复`, { cause });
  }
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
