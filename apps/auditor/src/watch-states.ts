// What an outside witness remembers of each log: the largest state that it has cosigned. Stored before a cosignature
// leaves, by one process at a time, so that neither a crash nor a second start can make it go back.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agencies } from '#kernel/envelope';
import { equal, fromUtf8, toHex, utf8 } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import { formatVkey, parseVkey } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { Frontier } from '#tlog/merkle';
import { sha256 } from '#tlog/sha256';
import { dataOf, wordOf } from '#tlog/revocations';
import type { Word } from '#tlog/revocations';
import { BadTarget } from './sources';
import { storeDurably } from './stored';

const FORM = 'sanfang.watch/v1';

export interface WatchState {
  /** Size and root of what was cosigned last, and the right edge that growth goes on from. */
  readonly frontier: Frontier;
  /** The checkpoint of that size with the log's line and the own one; undefined before the first. */
  readonly note: Uint8Array | undefined;
  /** The log was caught signing two histories: nothing of it is cosigned any more. */
  readonly stopped: boolean;
  /** What the log's agency says of others' keys in what was cosigned; undefined when it was not kept: read it again. */
  readonly words: readonly Word[] | undefined;
}

export const nothingWatched: WatchState = { frontier: Frontier.empty(), note: undefined, stopped: false, words: [] };

/** SHA-256 of an origin in hex: the name of its state, and of its path at a witness. */
export function originHash(origin: string): string {
  return toHex(sha256(utf8(origin)));
}

type Held = {
  readonly vkey: string;
  readonly frontier: string;
  readonly note: string;
  readonly stopped: boolean;
  readonly words: readonly Word[] | undefined;
};

export class WatchStates {
  private constructor(readonly folder: string) {}

  /** @throws BadTarget while another process holds the folder */
  static async open(folder: string): Promise<WatchStates> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'lock');
    for (let isFirst = true; ; isFirst = false) {
      try {
        await writeFile(path, `${process.pid}\n`, { flag: 'wx' });
        return new WatchStates(folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
        const pid = Number(await readFile(path, 'utf8').catch(() => ''));
        if (!isFirst || isRunning(pid)) {
          throw new BadTarget(`状态文件夹 ${folder} 正由进程 ${pid} 使用;若该进程不是见证程序,请删除 ${path} 后重试`);
        }
        await rm(path, { force: true });
      }
    }
  }

  async close(): Promise<void> {
    await rm(join(this.folder, 'lock'), { force: true });
  }

  /** The key that a log was first watched with; undefined for a log that is new here. */
  async keyOf(origin: string): Promise<VerifierKey | undefined> {
    const held = await this.file(origin);
    return held && parseVkey(held.vkey);
  }

  /** What is said of keys in all logs of which there is a state. */
  async words(): Promise<Word[]> {
    const names = (await readdir(this.folder)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
    const held = await Promise.all(names.map((name) => this.held(join(this.folder, name))));
    return held.flatMap((each) => each?.words ?? []);
  }

  /** @throws BadTarget for a state that is damaged, or was signed with other keys */
  async read(key: VerifierKey, witness: VerifierKey): Promise<WatchState> {
    const held = await this.file(key.name);
    if (!held) return nothingWatched;
    const path = this.pathOf(key.name);
    if (held.vkey !== formatVkey(key)) throw new BadTarget(`${path} 记的是另一公钥 ${held.vkey},请向该机关核实`);
    try {
      const frontier = Frontier.parse(held.frontier);
      const note = held.note === '' ? undefined : utf8(held.note);
      const signed = note && openCheckpoint(note, key, [witness]);
      const fits = signed
        ? signed.size === frontier.size && equal(signed.root, frontier.root()) && signed.cosignatures.length === 1
        : frontier.size === 0n;
      if (!fits) throw new Error('the frontier is not that of the checkpoint');
      return { frontier, note, stopped: held.stopped, words: held.words };
    } catch (cause) {
      const why = `${path} 已损坏(${(cause as Error).message})`;
      throw new BadTarget(`${why}:请从备份恢复最新的一份;没有备份时须换一把新私钥和新的状态文件夹`, { cause });
    }
  }

  async store(key: VerifierKey, { frontier, note, stopped, words }: WatchState): Promise<void> {
    const said = words && { words: words.map((word) => ({ by: word.by, ...dataOf(word) })) };
    const state = { frontier: frontier.serialise(), note: note ? fromUtf8(note) : '', stopped, ...said };
    const file = { vkey: formatVkey(key), ...state };
    const bytes = utf8(`${JSON.stringify({ form: FORM, origin: key.name, ...file })}\n`);
    await storeDurably(this.folder, `${originHash(key.name)}.json`, bytes);
  }

  private pathOf(origin: string): string {
    return join(this.folder, `${originHash(origin)}.json`);
  }

  private file(origin: string): Promise<Held | undefined> {
    return this.held(this.pathOf(origin));
  }

  private async held(path: string): Promise<Held | undefined> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    try {
      const { form, vkey, frontier, note, stopped, words } = JSON.parse(text) as Record<string, unknown>;
      const isText = [vkey, frontier, note].every((each) => typeof each === 'string');
      if (form !== FORM || !isText || typeof stopped !== 'boolean') throw new Error(`not of the form ${FORM}`);
      const said = words === undefined ? undefined : (words as unknown[]).map(wordIn);
      return { vkey, frontier, note, stopped, words: said } as Held;
    } catch (cause) {
      throw new BadTarget(`${path} 已损坏(${(cause as Error).message}),请从备份恢复最新的一份`, { cause });
    }
  }
}

/** @throws Error */
function wordIn(data: unknown): Word {
  const by = agencies.find((agency) => agency === (data as { by?: unknown }).by);
  const word = by && wordOf(by, data);
  if (!word) throw new Error('a word on a key that is none');
  return word;
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
