// Bundles of a long log judged by several threads, one for each core. Short logs are done before a thread has started.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { judgeBundle } from '#tlog/judge';
import type { JudgedBundle, JudgeTask } from '#tlog/judge';

/** What a thread is sent; it answers each in order. */
export type JudgeMessage = { readonly bundle: Uint8Array; readonly task: JudgeTask };
export type JudgeAnswer = Omit<JudgedBundle, 'bundle'>;

type Waiting = { resolve(judged: JudgeAnswer): void; reject(error: Error): void };
type Hand = { readonly worker: Worker; readonly waiting: Waiting[] };

// Bundles that are judged here first: 16,000 entries.
const ALONE = 64;

export class Judges {
  private readonly hands: Hand[] = [];
  private judged = 0;
  private broken: Error | undefined;

  /** @param start a thread that runs `judge-worker` */
  constructor(
    private readonly start: () => Worker,
    private readonly count: number,
    private readonly alone = ALONE,
  ) {}

  /** Judges as `judgeBundle` does. Rejects when a thread ends: then nothing is known of the bundle. */
  readonly judge = async (bundle: Uint8Array, task: JudgeTask): Promise<JudgedBundle> => {
    if (this.judged++ < this.alone || this.count < 2) return judgeBundle(bundle, task);
    if (this.broken) throw this.broken;
    const hand = this.idlest();
    // A thread at work keeps the process, an idle one does not.
    hand.worker.ref();
    return new Promise((resolve, reject) => {
      hand.waiting.push({ resolve: (judged) => resolve({ ...judged, bundle }), reject });
      // A copy: what is handed over is gone here, and the source may want to keep its own.
      const copy = new Uint8Array(bundle);
      hand.worker.postMessage({ bundle: copy, task } satisfies JudgeMessage, [copy.buffer]);
    });
  };

  private idlest(): Hand {
    if (this.hands.length < this.count) this.hands.push(this.begin());
    return this.hands.reduce((one, other) => (other.waiting.length < one.waiting.length ? other : one));
  }

  private begin(): Hand {
    const hand: Hand = { worker: this.start(), waiting: [] };
    const { worker, waiting } = hand;
    const fail = (error: Error): void => {
      this.broken = error;
      for (const each of waiting.splice(0)) each.reject(error);
    };
    worker.on('message', (judged: JudgeAnswer) => {
      waiting.shift()!.resolve(judged);
      if (waiting.length === 0) worker.unref();
    });
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`a thread that judges bundles ended with ${code}`)));
    return hand;
  }
}

// Tests run the sources and the bundle is one file: in neither is there a compiled thread to start.
const compiled = typeof __filename === 'string' && __filename.endsWith('.js');
const threads = compiled ? availableParallelism() : 1;

export const judges = new Judges(() => new Worker(join(__dirname, 'judge-worker.js')), threads);
