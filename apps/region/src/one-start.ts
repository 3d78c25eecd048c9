// One data folder, one `npm start`. The services guard their databases themselves; this note answers the second start
// quickly and kindly, and lets a start after a kill -9 know that it has only to wait for what is still ending.
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NotStarted, notAFolder } from './not-started';

export type Note = {
  /** The start before was killed: its services may still be ending. */ readonly afterKill: boolean;
};

/** @throws NotStarted when there can be no such folder, or a living start owns it; nothing of it was touched */
export function takeFolder(data: string): Note & { release(): void } {
  makeFolder(data);
  const path = join(data, 'start.pid');
  const mine = `${process.pid}\n`;
  const release = (): void => {
    if (noted(path) === process.pid) rmSync(path, { force: true });
  };
  const former = noted(path);
  if (former !== undefined && isStart(former)) throw inUse(data, former);
  // Exclusive, so that of two starts at one moment only one goes on.
  rmSync(path, { force: true });
  try {
    writeFileSync(path, mine, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw inUse(data, noted(path) ?? 0);
    throw error;
  }
  return { afterKill: former !== undefined, release };
}

function makeFolder(data: string): void {
  try {
    mkdirSync(data, { recursive: true, mode: 0o711 });
    accessSync(data, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : notAFolder(data, code);
  }
}

function inUse(data: string, pid: number): NotStarted {
  return new NotStarted(
    `没有启动：数据目录 ${data} 正由进程 ${pid} 使用，原服务不受影响。` +
      '请直接使用已在运行的系统；如需重新启动，请先停止该进程；如需另开一套，请用 SANFANG_DATA 和 SANFANG_PORT 另指定。\n' +
      `Not started: the data folder is in use by process ${pid}, which runs on unharmed.`,
  );
}

function noted(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isInteger(pid) && pid > 0 ? pid : 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Numbers are given out again: a process counts only if it lives and, where that can be read, is such a start. */
function isStart(pid: number): boolean {
  if (pid === 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('region/src/start');
  } catch {
    // No /proc on this system, or not for us to read: that it lives has to do.
    return process.platform !== 'linux';
  }
}
