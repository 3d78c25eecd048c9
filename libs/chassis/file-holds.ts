// Who still needs a file: an upload becomes visible before its command is decided, and if the command is refused the file
// must go, but never one that somebody else was promised. Until the outcome is known a note `<sha256>` stands in a folder
// of its own, with the streams whose events would name the file, one a line. A file without a note is kept for good.
import { open, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, syncFolder } from './durable';

/** `unknown`: the command may have been stored, or may not. */
export type Outcome = 'accepted' | 'refused' | 'unknown';

type Hold = { uploads: number; kept: boolean; doubtful: boolean };

/** Each method but `notes` must be called in the turn of its hash: none of them may meet another of the same hash. */
export class FileHolds {
  private readonly held = new Map<string, Hold>();

  /** @param folder of the notes; one process at a time works in it */
  constructor(private readonly folder: string) {}

  /**
   * Before an upload's bytes become visible; durable on return. To be settled once, also when it throws.
   * @param there tells whether these bytes are visible already
   */
  async take(sha256: string, stream: string, there: () => Promise<boolean>): Promise<void> {
    const hold = this.held.get(sha256) ?? { uploads: 0, kept: false, doubtful: true };
    hold.uploads += 1;
    this.held.set(sha256, hold);
    if (hold.uploads === 1) {
      // A note that nobody here holds was left by an outcome that nobody knows: these bytes may be in use.
      const noted = (await this.streams(sha256)) !== undefined;
      hold.kept = !noted && (await there());
      hold.doubtful = noted;
    }
    if (!hold.kept) await this.note(sha256, stream);
  }

  /** @returns whether the bytes must go now; then `forget` follows once they are gone */
  async settle(sha256: string, outcome: Outcome): Promise<boolean> {
    const hold = this.held.get(sha256);
    if (!hold) throw new Error(`file ${sha256} is settled more often than it was taken`);
    hold.uploads -= 1;
    hold.doubtful ||= outcome === 'unknown';
    hold.kept ||= outcome === 'accepted';
    if (hold.uploads === 0) this.held.delete(sha256);
    if (outcome === 'accepted') await this.keep(sha256);
    return hold.uploads === 0 && !hold.kept && !hold.doubtful;
  }

  /** From now on the bytes stay, whatever becomes of uploads in progress; durable on return. */
  async keep(sha256: string): Promise<void> {
    const hold = this.held.get(sha256);
    if (hold) hold.kept = true;
    // An unlink that a power cut undoes would put the file up for judgement again.
    if ((await this.streams(sha256)) !== undefined) await this.forget(sha256);
  }

  async forget(sha256: string): Promise<void> {
    await rm(this.path(sha256), { force: true });
    await syncFolder(this.folder);
  }

  /** Hashes whose outcome is not known. */
  async notes(): Promise<string[]> {
    const names = await readdir(this.folder).catch(orNone);
    return (names ?? []).filter((name) => /^[0-9a-f]{64}$/.test(name));
  }

  /** Streams that an event about the file may stand in; undefined without a note. */
  async streams(sha256: string): Promise<string[] | undefined> {
    const text = await readFile(this.path(sha256), 'utf8').catch(orNone);
    return text?.split('\n').filter((line) => line !== '');
  }

  private async note(sha256: string, stream: string): Promise<void> {
    await makeFolder(this.folder);
    const file = await open(this.path(sha256), 'a', 0o600);
    try {
      // Led by a line end too: what a crash left of the line before does not become one word with this one.
      await file.writeFile(`\n${stream}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(this.folder);
  }

  private path(sha256: string): string {
    return join(this.folder, sha256);
  }
}

function orNone(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
