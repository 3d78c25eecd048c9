// Shows the own checkpoint to all witnesses at once (C2SP tlog-witness, `add-checkpoint`), so that they cosign the same one.
// Left to themselves each cosigns what it happens to hold, and while a log grows no two of them meet at one size: then no
// note carries enough lines for an outsider, however quickly each of them follows (docs/adr/0035).
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { fromUtf8 } from '#tlog/bytes';
import { addSignatures, openCheckpoint } from '#tlog/checkpoint';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import type { LogSource } from '#tlog/log-reader';
import { MAX_NOTE_SIZE, parseNote } from '#tlog/note';
import { consistencyProof } from '#tlog/prove';
import { writeAddCheckpoint } from '#tlog/witness';
import { postBytes } from '#stream/http-post';
import type { LogSink } from '#stream/log-sink';
import type { Pulse } from '../pulse';
import type { Cosignatures } from './cosignatures';
import { takeCosigned } from './exchange';
import type { GatheredLog } from './exchange';
import type { Seat } from './roster';
import type { ClockSkews } from './skew';
import { Soon } from './soon';

export type ShowingParts = {
  readonly seats: readonly Seat[];
  /** The own log. */
  readonly own: GatheredLog;
  /** The checkpoint that everybody sees; undefined before the first. */
  readonly visible: () => Uint8Array | undefined;
  readonly tiles: Pick<LogSource, 'tile'>;
  readonly cosignatures: Cosignatures;
  /** Told the time of each fresh cosignature. */
  readonly skews: ClockSkews;
  /** Own clock, milliseconds since 1970. */
  readonly milliseconds: () => number;
  readonly pulse: Pulse;
  readonly log: LogSink;
};

// A first entry soon; while more come, once a second is enough for "final within seconds".
const firstMs = 50;
const apartMs = 1_000;
/** A witness waits up to two seconds for the entries themselves. */
const silenceMs = 3_000;

export class Showing {
  private readonly stopped = new AbortController();
  private readonly soon: Soon;
  private readonly agents = new Map<string, Agent>();
  private readonly silent = new Map<string, string>();

  constructor(private readonly parts: ShowingParts) {
    this.soon = new Soon(firstMs, apartMs, () => this.show());
    const beats = parts.pulse.beats.subscribe((beat) => {
      if (beat.kind === 'log') this.soon.hint();
    });
    this.stopped.signal.addEventListener('abort', () => beats.unsubscribe(), { once: true });
    this.soon.hint();
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.soon.stop();
    for (const agent of this.agents.values()) agent.destroy();
  }

  private async show(): Promise<void> {
    const { seats, own, visible, log } = this.parts;
    const [note, key] = [visible(), await own.key()];
    if (!note || !key) return;
    const checkpoint = openCheckpoint(note, key);
    const shown = seats.map(async (seat) => {
      if (seat.url === undefined) return;
      await this.showTo(seat, seat.url, checkpoint, note).catch((error: Error) => {
        // Told once until it is heard again: the exchange goes on asking it as well.
        if (!this.stopped.signal.aborted && this.silent.get(seat.keyName) !== error.message) {
          log.warn({ witness: seat.keyName, why: error.message }, 'a witness could not be shown the checkpoint');
          this.silent.set(seat.keyName, error.message);
        }
      });
    });
    await Promise.all(shown);
  }

  private async showTo(seat: Seat, url: string, checkpoint: OpenCheckpoint, note: Uint8Array): Promise<void> {
    const { own, cosignatures, skews, milliseconds } = this.parts;
    const key = await seat.key();
    if (!key) return;
    const known = cosignatures.newestOf(own.origin, key.name)?.size ?? 0n;
    const asked = milliseconds();
    let answer = await this.add(url, known, checkpoint, note);
    if (answer?.status === 409) {
      // It has cosigned more than was known here, by itself or before a restore of ours.
      const size = /^(0|[1-9]\d{0,15})\n$/.exec(fromUtf8(answer.body))?.[1];
      if (size !== undefined) answer = await this.add(url, BigInt(size), checkpoint, note);
    }
    if (answer?.status !== 200) return;
    const answered = milliseconds();
    this.silent.delete(seat.keyName);
    const { text } = checkpoint;
    const lines = parseNote(Buffer.concat([Buffer.from('x\n\n'), answer.body])).signatures;
    const signed = parseNote(note).signatures.filter(({ name }) => name === own.origin);
    const cosigned = addSignatures({ text, signatures: signed }, ...lines);
    const time = await takeCosigned(cosignatures, own, key, cosigned);
    if (time !== undefined) skews.observe(seat, time, asked, answered);
  }

  /** @returns undefined when the witness is as far already */
  private async add(url: string, old: bigint, { size }: OpenCheckpoint, note: Uint8Array) {
    if (old >= size) return undefined;
    const proof = old === 0n ? [] : await consistencyProof(this.parts.tiles, old, size);
    const { signal } = this.stopped;
    const options = { agent: this.agent(url), type: 'text/plain', silenceMs, signal };
    return postBytes(`${url}/add-checkpoint`, writeAddCheckpoint(old, proof, note), MAX_NOTE_SIZE, options);
  }

  private agent(url: string): Agent {
    const agent = this.agents.get(url) ?? new (url.startsWith('https:') ? SecureAgent : Agent)({ keepAlive: true });
    this.agents.set(url, agent);
    return agent;
  }
}
