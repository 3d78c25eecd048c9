// What happens when a log has signed two histories, whoever finds it: both signed notes are kept in the database and as
// a file that anybody can check without us, the log is followed no further, and people are told. Only people may lift it.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Evidence, Inbox } from '#stream/inbox';
import type { LogSink } from '#stream/log-sink';
import { parseCheckpoint } from '#tlog/checkpoint';
import { writeFork } from '#tlog/fork';
import { parseNote } from '#tlog/note';
import { hostOf } from '#tlog/policy';
import type { StoredTree } from './stored-tree';

export type ForksParts = {
  /** `<data>/<agency>/evidence` */
  readonly folder: string;
  readonly tree: StoredTree;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  readonly log: LogSink;
  /** Told of each contradiction found, with both notes: for the figures, and so that others are told. */
  readonly onFork: (origin: string, notes: readonly Uint8Array[]) => void;
};

/** Of one contradiction: the note that contradicts what is held. */
export type Contradiction = { readonly size: bigint; readonly note: Uint8Array; readonly from: string };

export class Forks {
  constructor(private readonly parts: ForksParts) {}

  /** The inbox, with a file beside each fork that its follower keeps. */
  around(inbox: Inbox): Inbox {
    return {
      load: (origin) => inbox.load(origin),
      accept: (origin, acceptance) => inbox.accept(origin, acceptance),
      stop: (origin, message) => inbox.stop(origin, message),
      keep: async (origin, evidence) => {
        await inbox.keep(origin, evidence);
        if (evidence.kind !== 'fork') return;
        this.write(origin, evidence);
        this.parts.onFork(origin, [evidence.note, ...(evidence.held ? [evidence.held] : [])]);
      },
    };
  }

  /**
   * Somebody else was shown another history of a log than the one that is stored here.
   * @param inbox of that log
   */
  async report(origin: string, { size, note, from }: Contradiction, inbox: Inbox): Promise<void> {
    const { tree, clock, log } = this.parts;
    const held = await tree.held(origin);
    if (held.stopped || !held.note) return;
    const message = `${origin} signed a log of size ${size} that is not the one stored here (shown by ${from})`;
    log.error({ origin, from }, message);
    const heldSize = parseCheckpoint(parseNote(held.note).text).size;
    const prefix =
      size < heldSize && size > 0n && heldSize <= held.size
        ? { root: (await tree.rootAt(origin, size))!, proof: await tree.prove(origin, size, heldSize) }
        : undefined;
    await this.around(inbox).keep(origin, { kind: 'fork', at: clock(), message, note, held: held.note, prefix });
    await inbox.stop(origin, message);
  }

  /** Named by its content: the same contradiction found twice is one file. */
  write(origin: string, { note, held, prefix, message }: Evidence): void {
    const { folder, log } = this.parts;
    if (!held) return;
    const bytes = writeFork({ origin, notes: [held, note], ...(prefix && { prefix }) });
    const name = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    const path = join(folder, `${hostOf(origin)}-${name}.fork.json`);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(path, bytes, { flag: 'wx', mode: 0o600, flush: true });
      log.error({ origin, path }, `evidence of a fork is kept: ${message}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
      // The database holds the same notes; a full disk must not keep the log from being stopped.
      log.error({ origin, err: error }, 'the evidence file could not be written; the notes are in inbox.evidence');
    }
  }
}
