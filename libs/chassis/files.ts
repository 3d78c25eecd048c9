// Evidence and papers: a folder addressed by SHA-256, so that a file is what the log says it is or it is not there.
// Content never changes under its name; the same file sent twice is stored once, and one that no event names is not kept.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { Refused } from '#kernel/decider';
import { makeFolder, syncFolder } from './durable';
import { FileHolds } from './file-holds';
import type { Outcome } from './file-holds';
import { newId } from './ids';
import { Turns } from './turns';

/** Bytes on their way in: on disk, whole, under no name yet. */
export type Draft = {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
};

/** Told what could not be tidied; the files in question are still there, and the next start looks at them again. */
export type OnLeft = (error: unknown, what: string) => void;

export class Files {
  private readonly holds: FileHolds;
  private readonly turns = new Turns();

  /** @param folder holds `ab/cdef…`, `draft/` and `pending/`; made when missing, for one service at a time */
  constructor(
    private readonly folder: string,
    private readonly onLeft: OnLeft = () => undefined,
  ) {
    this.holds = new FileHolds(join(folder, 'pending'));
  }

  /** @throws Refused `record.none` when it is not here, Error when the disk has changed its bytes */
  async read(sha256: string): Promise<Buffer> {
    const bytes = await readFile(this.pathOf(sha256)).catch(missing);
    if (sha256Of(bytes) !== sha256) {
      throw new Error(`file ${sha256} is damaged on disk: restore it from a backup or fetch it from a peer again`);
    }
    return bytes;
  }

  /** For large answers; the receiver can recompute the hash. @throws Refused `record.none` */
  async stream(sha256: string): Promise<Readable> {
    const path = this.pathOf(sha256);
    await stat(path).catch(missing);
    return createReadStream(path);
  }

  async has(sha256: string): Promise<boolean> {
    try {
      return (await stat(this.pathOf(sha256))).isFile();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** Stores bytes that somebody promised under a hash, for good. @throws Error when they are not what was promised */
  async put(bytes: Uint8Array, sha256: string): Promise<void> {
    const found = sha256Of(bytes);
    if (found !== sha256) throw new Error(`bytes hash to ${found}, promised was ${sha256}; ask another source for it`);
    const draft = await this.draft([bytes]);
    try {
      await this.turns.inTurn(sha256, async () => {
        await this.place(draft);
        await this.holds.keep(sha256);
      });
    } finally {
      await this.drop(draft);
    }
  }

  /** Whether the file is here; if it is, it stays, whatever becomes of an upload of the same bytes. */
  claim(sha256: string): Promise<boolean> {
    return this.turns.inTurn(sha256, async () => {
      if (!(await this.has(sha256))) return false;
      await this.holds.keep(sha256);
      return true;
    });
  }

  /** Writes a draft, durable on return; nothing is left of one that broke off. */
  async draft(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Draft> {
    const path = join(this.folder, 'draft', newId());
    await makeFolder(dirname(path));
    const hash = createHash('sha256');
    let bytes = 0;
    const draft = await open(path, 'wx', 0o600);
    try {
      try {
        for await (const chunk of chunks) {
          hash.update(chunk);
          bytes += chunk.length;
          await draft.writeFile(chunk);
        }
        await draft.sync();
      } finally {
        await draft.close();
      }
    } catch (error) {
      await this.drop({ path });
      throw error;
    }
    return { path, sha256: hash.digest('hex'), bytes };
  }

  /** Forgets a draft; nothing happens to one that has become a file. */
  drop({ path }: Pick<Draft, 'path'>): Promise<void> {
    return rm(path, { force: true });
  }

  /**
   * Makes a draft a file, then decides. The file is durable before; it stays unless the decision is a refusal and
   * nobody else was promised it. A crash in between is judged at the next start, by `recover`.
   * @param stream whose events name the file if the decision is for it
   * @throws what `decide` throws
   */
  async keepFor<Done>(draft: Draft, stream: string, decide: () => Promise<Done>): Promise<Done> {
    const { sha256 } = draft;
    let outcome: Outcome = 'refused';
    try {
      await this.turns.inTurn(sha256, async () => {
        await this.holds.take(sha256, stream, () => this.has(sha256));
        await this.place(draft);
      });
      outcome = 'unknown';
      const done = await decide();
      outcome = 'accepted';
      return done;
    } catch (error) {
      if (isRefusal(error)) outcome = 'refused';
      throw error;
    } finally {
      // The answer stands by now: what cannot be tidied is no fault of whoever asked.
      await this.settle(sha256, outcome).catch((error: unknown) => this.onLeft(error, `file ${sha256} is not settled`));
    }
  }

  /**
   * At the start, before anything comes in: drafts go, and files whose upload was cut short go unless an event names
   * them. Only these are looked at, and what cannot be judged stays.
   * @param named whether an event of the stream names the file
   */
  async recover(named: (stream: string, sha256: string) => Promise<boolean>): Promise<void> {
    await rm(join(this.folder, 'draft'), { recursive: true, force: true });
    for (const sha256 of await this.holds.notes()) {
      await this.turns
        .inTurn(sha256, () => this.judge(sha256, named))
        .catch((error: unknown) => this.onLeft(error, `file ${sha256} is not judged`));
    }
  }

  private async judge(sha256: string, named: (stream: string, sha256: string) => Promise<boolean>): Promise<void> {
    for (const stream of (await this.holds.streams(sha256)) ?? []) {
      if (await named(stream, sha256)) return this.holds.forget(sha256);
    }
    await this.remove(sha256);
  }

  private settle(sha256: string, outcome: Outcome): Promise<void> {
    return this.turns.inTurn(sha256, async () => {
      if (await this.holds.settle(sha256, outcome)) await this.remove(sha256);
    });
  }

  /** The file first: a crash in between leaves a note about a file that is gone, which the next start clears away. */
  private async remove(sha256: string): Promise<void> {
    const path = this.pathOf(sha256);
    await rm(path, { force: true });
    await syncFolder(dirname(path)).catch(orNothing);
    await this.holds.forget(sha256);
  }

  /** After a crash at any point the name holds the whole file or nothing. Replaces what a disk may have damaged. */
  private async place({ path, sha256 }: Draft): Promise<void> {
    const place = this.pathOf(sha256);
    await makeFolder(dirname(place));
    await rename(path, place);
    await syncFolder(dirname(place));
  }

  private pathOf(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Refused('record.none');
    return join(this.folder, sha256.slice(0, 2), sha256.slice(2));
  }
}

/** A refusal is certain that nothing was stored, but for the one that says that the store did not answer. */
function isRefusal(error: unknown): boolean {
  return error instanceof Refused && error.code !== 'service.unavailable';
}

function missing(error: NodeJS.ErrnoException): never {
  if (error.code === 'ENOENT') throw new Refused('record.none');
  throw error;
}

function orNothing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
