// Gathers what the witnesses cosigned, of the own log and of all others: one loop a witness, asking for its last cosigned
// checkpoint of each log. Cosignatures make entries final; and a checkpoint of another history than the one known here
// is how a log is caught that shows one history to us and another to them (docs/adr/0019).
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import type { LogSink } from '#stream/log-sink';
import { getBytes, NotServed } from '#stream/http-get';
import { equal, toBase64, toHex, utf8 } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import type { VerifierKey } from '#tlog/key';
import { MAX_NOTE_SIZE } from '#tlog/note';
import { hostOf } from '#tlog/policy';
import { sha256 } from '#tlog/sha256';
import { Wake } from '../pulse';
import type { Beat, Pulse } from '../pulse';
import type { Cosignatures } from './cosignatures';
import type { Seat } from './roster';

/** A log whose cosignatures are gathered. */
export type GatheredLog = {
  readonly origin: string;
  readonly key: () => Promise<VerifierKey | undefined>;
  /** How far it goes as far as this agency knows. */
  readonly size: () => number;
  /** The root known here; undefined when this agency does not know that size yet. */
  readonly rootAt: (size: bigint) => Promise<Uint8Array | undefined>;
  readonly onContradiction: (size: bigint, note: Uint8Array, from: string) => Promise<void>;
};

export type ExchangeParts = {
  readonly seats: readonly Seat[];
  readonly logs: readonly GatheredLog[];
  readonly cosignatures: Cosignatures;
  readonly pulse: Pulse;
  readonly log: LogSink;
};

// A peer stores a new entry within milliseconds and cosigns a tenth of a second later: asked after this, it mostly has.
const gatherMs = 350;
const retryMs = [250, 500, 1_000, 2_000] as const;
/** Also without growth: a history shown to others only is found by asking. */
const idleMs = 4_000;
const silenceMs = 3_000;
const wholeMs = 10_000;

export class Exchange {
  private readonly stopped = new AbortController();
  private readonly running: Promise<unknown>;

  constructor(private readonly parts: ExchangeParts) {
    this.running = Promise.all(
      parts.seats.map((seat) => (seat.url === undefined ? undefined : this.ask(seat, seat.url))),
    );
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async ask(seat: Seat, url: string): Promise<void> {
    const { pulse, log } = this.parts;
    const { signal } = this.stopped;
    const kept = { keepAlive: true, maxSockets: 2 };
    const agent = url.startsWith('https:') ? new SecureAgent(kept) : new Agent(kept);
    // Growth of the witness's own log is nothing that it could cosign: asking then would only cost both sides.
    const grew = (beat: Beat) => beat.kind === 'log' || (beat.kind === 'inbox' && !isOwn(seat, beat.origin));
    const wake = new Wake(pulse, grew, signal);
    for (let tries = 0, told = ''; !signal.aborted;) {
      let complete = false;
      try {
        complete = await this.round(seat, url, agent);
        told = '';
      } catch (error) {
        // A witness that is down is no fault of ours: told once, asked again until it is back.
        const { message } = error as Error;
        // The first try of three services that start together finds nobody yet.
        if (tries > 0 && !signal.aborted && told !== message) {
          log.warn({ witness: seat.keyName, why: message }, 'a witness is silent');
          told = message;
        }
      }
      tries = complete ? 0 : tries + 1;
      const wait = complete ? idleMs : (retryMs[Math.min(tries, retryMs.length) - 1] ?? idleMs);
      // Behind, the next look comes by itself: a hint would only make it too early.
      if (complete) await wake.next(wait);
      await pause(complete ? gatherMs : wait, undefined, { signal }).catch(() => undefined);
    }
    agent.destroy();
  }

  /** @returns whether the witness has cosigned all that is known here */
  private async round(seat: Seat, url: string, agent: Agent): Promise<boolean> {
    const { logs, cosignatures, log } = this.parts;
    const key = await seat.key();
    if (!key) throw new Error(`the key of ${seat.keyName} is not known yet`);
    let complete = true;
    for (const each of logs.filter(({ origin }) => !isOwn(seat, origin))) {
      const size = each.size();
      const note = await this.read(`${url}/${toHex(sha256(utf8(each.origin)))}/checkpoint`, agent);
      if (note) {
        await takeCosigned(cosignatures, each, key, note).catch((error: Error) => {
          if (this.stopped.signal.aborted) return;
          log.warn({ origin: each.origin, witness: key.name, err: error }, 'what a witness served was not taken');
        });
      }
      complete &&= Number(cosignatures.newestOf(each.origin, key.name)?.size ?? 0n) >= size;
    }
    return complete;
  }

  private async read(url: string, agent: Agent): Promise<Uint8Array | undefined> {
    const signal = AbortSignal.any([this.stopped.signal, AbortSignal.timeout(wholeMs)]);
    try {
      return await getBytes(url, MAX_NOTE_SIZE, { agent, silenceMs, signal });
    } catch (error) {
      if (error instanceof NotServed && error.status === 404) return undefined;
      throw error;
    }
  }
}

/**
 * Keeps a cosigned checkpoint if it goes further than what is known of this witness and is of the history known here.
 * @returns the time that its line states, POSIX seconds; undefined when there is no line of it
 * @throws NoteFault, or what the database throws
 */
export async function takeCosigned(
  cosignatures: Cosignatures,
  log: GatheredLog,
  key: VerifierKey,
  note: Uint8Array,
): Promise<bigint | undefined> {
  const { origin } = log;
  const logKey = await log.key();
  if (!logKey) return undefined;
  const checkpoint = openCheckpoint(note, logKey, [key]);
  const { size, root } = checkpoint;
  const [cosigned] = checkpoint.cosignatures;
  const known = cosignatures.newestOf(origin, key.name);
  if (!cosigned || (known && (known.size > size || (known.size === size && equal(known.root, root))))) {
    return cosigned?.time;
  }
  const expected = await log.rootAt(size);
  // A peer may be a moment ahead of us; its checkpoint is judged once our own copy is that long.
  if (!expected) return cosigned.time;
  if (!equal(expected, root)) await log.onContradiction(size, note, key.name);
  else await cosignatures.take({ origin, witness: key.name, size, root: toBase64(root), time: cosigned.time, note });
  return cosigned.time;
}

function isOwn(seat: Seat, origin: string): boolean {
  return hostOf(origin) === hostOf(seat.keyName);
}
