// This agency's witness: it cosigns the other logs' checkpoints, each at most once forward and never back. It signs only
// what its own follower has verified entry by entry and stored, so a cosignature here also says: we hold a copy.
import { openCheckpoint, addSignatures } from '#tlog/checkpoint';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import type { SigningKey, VerifierKey } from '#tlog/key';
import { equal, fromBase64, toBase64, toHex, utf8 } from '#tlog/bytes';
import { formatNote, parseNote } from '#tlog/note';
import type { NoteSignature } from '#tlog/note';
import { sha256 } from '#tlog/sha256';
import { readAddCheckpoint, refusalOf } from '#tlog/witness';
import type { AddCheckpoint, WitnessRefusal } from '#tlog/witness';
import type { LogSink } from '#stream/log-sink';
import type { DataSource } from 'typeorm';
import type { Sql } from '../database';
import { Wake } from '../pulse';
import type { Pulse } from '../pulse';
import type { Cosignatures } from './cosignatures';
import { Soon } from './soon';
import type { StoredTree } from './stored-tree';
import { lastNote, lastState, lockState, moveState } from './tables';

export type WitnessParts = {
  readonly database: DataSource;
  readonly key: SigningKey;
  /** Logs that it serves, with their keys; undefined while a key is not known yet. */
  readonly logs: readonly { readonly origin: string; readonly key: () => Promise<VerifierKey | undefined> }[];
  readonly tree: StoredTree;
  readonly cosignatures: Cosignatures;
  /** Milliseconds since 1970. */
  readonly milliseconds: () => number;
  readonly pulse: Pulse;
  readonly log: LogSink;
  /** Told of a checkpoint that the log signed and that is not of the stored history. */
  readonly onFork: (origin: string, size: bigint, note: Uint8Array) => Promise<void>;
};

/** 503: the entries are not stored here yet; ask again. */
export type WitnessAnswer =
  { readonly status: 200; readonly body: string } | WitnessRefusal | { readonly status: 503; readonly why: string };

// A log shows its checkpoint to all its witnesses, which then cosign the same one. By itself this witness cosigns what it
// holds when a log has not done so for a while: it cannot reach us, or does not know how.
const firstMs = 1_500;
const apartMs = 1_000;
const quietMs = 5_000;
/** Whoever has just published asks a moment before the entries have arrived here. */
const patienceMs = 2_000;
const maxHarmless = 1_000;

class NotStored extends Error {}
class Refusal extends Error {
  constructor(readonly answer: WitnessRefusal) {
    super('refused');
  }
}

export class Witness {
  private readonly stopped = new AbortController();
  private readonly soon = new Map<string, Soon>();
  /** The last cosigned checkpoint of each log, as it is stored. */
  private readonly shown = new Map<string, Uint8Array>();
  /** When each log last showed a checkpoint that was cosigned. */
  private readonly asked = new Map<string, number>();
  private moves = 0;
  /** Refused checkpoints of the stored history: shown again, they need not be hashed again. */
  private readonly harmless = new Set<string>();

  constructor(private readonly parts: WitnessParts) {}

  /** Cosigns from now on what the followers store. */
  start(): void {
    const { logs, pulse } = this.parts;
    for (const { origin } of logs) {
      const soon = new Soon(firstMs, apartMs, () => this.follow(origin));
      this.soon.set(origin, soon);
      soon.hint();
    }
    const beats = pulse.beats.subscribe((beat) => {
      if (beat.kind === 'inbox') this.soon.get(beat.origin)?.hint();
    });
    this.stopped.signal.addEventListener('abort', () => beats.unsubscribe(), { once: true });
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await Promise.all([...this.soon.values()].map((each) => each.stop()));
  }

  /** `add-checkpoint` of C2SP tlog-witness. */
  async add(body: Uint8Array): Promise<WitnessAnswer> {
    const keys = await this.keys();
    const request = readAddCheckpoint(body, (origin) => keys.get(origin));
    if ('status' in request) return request;
    const { origin, size } = request.checkpoint;
    // First without the lock: what is refused anyway need not wait for entries, nor make others wait.
    const early = refusalOf(request, await this.last(this.parts.database, origin));
    if (early) return this.refused(request, early);
    if (!(await this.stored(origin, size))) {
      return { status: 503, why: `entries up to ${size} of ${origin} are not stored here yet` };
    }
    try {
      const lines = await this.cosign(request.checkpoint, request.note, (last) => refusalOf(request, last));
      this.asked.set(origin, performance.now());
      return { status: 200, body: textOf(lines) };
    } catch (error) {
      if (error instanceof Refusal) return this.refused(request, error.answer);
      if (error instanceof NotStored) return { status: 503, why: error.message };
      throw error;
    }
  }

  /** The last cosigned checkpoint of the log whose origin has this SHA-256, in lower-case hex. */
  async checkpoint(hash: string): Promise<Uint8Array | undefined> {
    const found = this.parts.logs.find(({ origin }) => toHex(sha256(utf8(origin))) === hash);
    if (!found) return undefined;
    // From memory once it is known: others ask every few seconds, and a database at rest may close its connections.
    const known = this.shown.get(found.origin);
    if (known) return known;
    const { moves } = this;
    const note = await lastNote(this.parts.database, found.origin);
    // What was read while the state moved may be the state before.
    if (note && moves === this.moves) this.shown.set(found.origin, note);
    return note;
  }

  private async follow(origin: string): Promise<void> {
    const { tree, log } = this.parts;
    try {
      const { size, note, stopped } = await tree.held(origin);
      const key = (await this.keys()).get(origin);
      if (stopped || !note || !key) return;
      const checkpoint = openCheckpoint(note, key);
      const last = await this.last(this.parts.database, origin);
      // During a long catch-up the proven checkpoint lies ahead of what is stored; its turn comes at the end.
      if (checkpoint.size > size || checkpoint.size <= last.size) return;
      if (performance.now() - (this.asked.get(origin) ?? -quietMs) < quietMs) return this.soon.get(origin)?.hint();
      await this.cosign(checkpoint, note, ({ size: now }) =>
        now < checkpoint.size ? undefined : { status: 409, size: now },
      );
    } catch (error) {
      if (error instanceof Refusal || this.stopped.signal.aborted) return;
      log.warn({ origin, err: error }, 'a checkpoint could not be cosigned; the next growth tries again');
    }
  }

  /** Judges, compares with the stored entries and stores, in one transaction under the lock of the log's state. */
  private async cosign(
    checkpoint: OpenCheckpoint,
    note: Uint8Array,
    refuse: (last: { size: bigint; root: Uint8Array }) => WitnessRefusal | undefined,
  ): Promise<NoteSignature[]> {
    const { database, key, tree, milliseconds, cosignatures } = this.parts;
    const { origin, size, root, text } = checkpoint;
    const stored = await tree.rootAt(origin, size);
    if (!stored) throw new NotStored(`entries up to ${size} of ${origin} are not stored here yet`);
    if (!equal(stored, root)) {
      await this.parts.onFork(origin, size, note);
      throw new Refusal({ status: 422, why: `the stored entries do not give this root of size ${size}` });
    }
    const time = BigInt(Math.floor(milliseconds() / 1000));
    const lines = [key, ...(key.beside ?? [])].map((each) => cosign(text, time, each));
    const own = parseNote(note).signatures.filter(({ name }) => name === origin);
    const cosigned = addSignatures({ text, signatures: own }, ...lines);
    const row = { origin, witness: key.name, size, root: toBase64(root), time, note: cosigned };
    await database.transaction(async (sql) => {
      const last = await lockState(sql, origin);
      const refusal = refuse({ size: last.size, root: fromBase64(last.root) });
      if (refusal) throw new Refusal(refusal);
      await moveState(sql, row);
      // In the same transaction: else a fault between the two would leave this size unknown here until the next growth.
      await cosignatures.take(row, sql);
    });
    this.moves++;
    this.shown.delete(origin);
    return lines;
  }

  private async refused(request: AddCheckpoint, answer: WitnessRefusal): Promise<WitnessAnswer> {
    const { origin, size } = request.checkpoint;
    const { text } = request.checkpoint;
    if (this.harmless.has(text)) return answer;
    const stored = await this.parts.tree.rootAt(origin, size);
    if (!stored) return answer;
    // Refused and signed by the log: perhaps a second history. The stored entries can tell.
    if (!equal(stored, request.checkpoint.root)) await this.parts.onFork(origin, size, request.note);
    else if (this.harmless.size < maxHarmless) this.harmless.add(text);
    return answer;
  }

  private async stored(origin: string, size: bigint): Promise<boolean> {
    const { tree, pulse } = this.parts;
    const ended = new AbortController();
    const wake = new Wake(pulse, (beat) => beat.kind === 'inbox' && beat.origin === origin, ended.signal);
    // How long somebody waits is no matter of the clock on the wall, which people may set meanwhile.
    const until = performance.now() + patienceMs;
    try {
      for (;;) {
        const held = await tree.held(origin);
        if (held.size >= size) return !held.stopped;
        const left = until - performance.now();
        if (left <= 0 || held.stopped || this.stopped.signal.aborted) return false;
        await wake.next(left);
      }
    } finally {
      ended.abort();
    }
  }

  private async last(sql: Sql, origin: string): Promise<{ size: bigint; root: Uint8Array }> {
    const state = await lastState(sql, origin);
    return state ? { size: state.size, root: fromBase64(state.root) } : { size: 0n, root: sha256(new Uint8Array(0)) };
  }

  private async keys(): Promise<Map<string, VerifierKey>> {
    const found = await Promise.all(
      this.parts.logs.map(async ({ origin, key }): Promise<[string, VerifierKey][]> => {
        // A key that is not there yet, or is none, opens nothing; the follower of that log reports it.
        const known = await key().catch(() => undefined);
        return known ? [[origin, known]] : [];
      }),
    );
    return new Map(found.flat());
  }
}

/** The signature lines alone, as the answer to `add-checkpoint` carries them. */
function textOf(signatures: readonly NoteSignature[]): string {
  const whole = Buffer.from(formatNote({ text: 'x\n', signatures })).toString('utf8');
  return whole.slice('x\n\n'.length);
}
