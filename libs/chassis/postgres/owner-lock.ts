// One data folder, one living owner. PostgreSQL guards its files against a second server, but not a live server
// against a second launcher that takes it for an orphan and stops it: this lock does.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, readlinkSync, renameSync, rmSync } from 'node:fs';
import { writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { startOf } from './process-table';

/** Who owns a folder: a process id, its start, and the place (boot, process namespace) where both mean something. */
interface Owner {
  readonly pid: number;
  readonly started: string;
  readonly host: string;
  readonly place: string;
}

/** Another living process owns the data folder; nothing of it was touched. */
export class DataFolderInUse extends Error {
  constructor(
    readonly folder: string,
    readonly pid: number,
    where: string,
  ) {
    super(
      `数据目录 ${folder} 正由进程 ${pid}（${where}）使用，本次启动已取消，原服务不受影响。` +
        '如需重新启动，请先停止该进程；如需同时运行，请用 SANFANG_DATA 另指定一个数据目录。\n' +
        `The data folder ${folder} is in use by process ${pid} on ${where}; this start was given up and the running ` +
        'service is unharmed. Remedy: stop that process first, or choose another folder with SANFANG_DATA.',
    );
    this.name = 'DataFolderInUse';
  }
}

/** Takes the lock or throws DataFolderInUse; gives back the release. A dead owner's lock is taken over. */
export function takeOwnership(folder: string): () => void {
  const path = join(folder, 'owner.json');
  const mine = `${JSON.stringify(myself())}\n`;
  const draft = join(folder, `owner.${process.pid}.${randomBytes(4).toString('hex')}.draft`);
  writeDurably(draft, mine);
  try {
    // A link appears whole or not at all, and only where nothing was: no reader ever sees half a lock.
    if (!tryLink(draft, path)) takeOver(folder, path, draft);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => {
    if (readIfThere(path) === mine) rmSync(path, { force: true });
  };
}

function takeOver(folder: string, path: string, draft: string): void {
  const dead = deadOwner(folder, path);
  if (!dead) return takeOverGone(folder, path, draft);
  // Of several starts that all found the owner dead, the one that makes this link goes on.
  const guard = join(folder, `owner.${dead.pid}.${dead.started.replace(/\W/g, '')}.takeover`);
  if (!tryLink(draft, guard)) {
    const rival = parse(guard, readIfThere(guard));
    if (rival && alive(rival)) throw new DataFolderInUse(folder, rival.pid, rival.host);
    // A crash between guard and rename leaves the guard behind; its maker is dead, so the next start takes both.
    rmSync(guard, { force: true });
    if (!tryLink(draft, guard)) throw new DataFolderInUse(folder, rival?.pid ?? dead.pid, dead.host);
  }
  try {
    // The guard may have been free only because a rival has just finished: look again under it.
    const now = deadOwner(folder, path);
    if (!now) return takeOverGone(folder, path, draft);
    if (now.pid !== dead.pid || now.started !== dead.started) throw new DataFolderInUse(folder, now.pid, now.host);
    const copy = `${draft}.rename`;
    linkSync(draft, copy);
    renameSync(copy, path);
  } finally {
    rmSync(guard, { force: true });
  }
}

function takeOverGone(folder: string, path: string, draft: string): void {
  if (tryLink(draft, path)) return;
  const owner = parse(path, readIfThere(path));
  throw new DataFolderInUse(folder, owner?.pid ?? 0, owner?.host ?? hostname());
}

/** The dead owner; undefined when the lock was released meanwhile; throws when the owner lives. */
function deadOwner(folder: string, path: string): Owner | undefined {
  const owner = parse(path, readIfThere(path));
  if (owner && alive(owner)) throw new DataFolderInUse(folder, owner.pid, owner.host);
  return owner;
}

function alive(owner: Owner): boolean {
  const me = myself();
  // Same place: the process table answers. Same host elsewhere: the machine or container was started anew, so its
  // processes are gone. Another host: nobody here can tell, and the careful answer is that it lives.
  if (owner.place === me.place) return startOf(owner.pid) === owner.started;
  return owner.host !== me.host;
}

function myself(): Owner {
  return { pid: process.pid, started: startOf(process.pid) ?? '', host: hostname(), place: place() };
}

function place(): string {
  if (process.platform !== 'linux') return hostname();
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
}

function parse(path: string, text: string | undefined): Owner | undefined {
  if (text === undefined) return undefined;
  try {
    const { pid, started, host, place: where } = JSON.parse(text) as Owner;
    if (Number.isInteger(pid) && pid > 0 && [started, host, where].every((value) => typeof value === 'string'))
      return { pid, started, host, place: where };
  } catch {
    // Said below, together with the case of wrong fields.
  }
  throw new Error(`${path} is not readable as an owner lock. Remedy: make sure that no service runs, then delete it.`);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o644);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
