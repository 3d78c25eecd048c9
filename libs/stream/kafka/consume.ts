// Reads topics from given offsets on. kafkajs can only read as a member of a group, so each client is the single member
// of a group of its own, which never stores an offset; where to begin is the caller's knowledge (`seek`).
import type { Consumer, Kafka } from 'kafkajs';
import { letGo } from './client';
import type { Carried } from './message';

export type Consumption = {
  readonly kafka: Kafka;
  /** Used by nobody else. */
  readonly group: string;
  readonly starts: ReadonlyMap<string, bigint>;
  /** One call at a time. `high`: the topic's next offset. Rejecting ends the consumption. */
  readonly onMessages: (topic: string, messages: readonly Carried[], high: bigint) => Promise<void>;
  readonly onUp?: () => void;
  readonly signal: AbortSignal;
};

const fetchWaitMs = 500;
/** A client that fetched nothing for so long, not even an empty answer, is stuck. */
const stuckMs = 20_000;
const lookMs = 1_000;
const fetchBytes = 1_048_576;

/** Ends when the signal aborts. @throws Error when the client crashed, is stuck, or `onMessages` rejects */
export async function consume(parts: Consumption): Promise<void> {
  const { kafka, group, starts, signal, onUp } = parts;
  const consumer = kafka.consumer({
    groupId: group,
    allowAutoTopicCreation: false,
    maxWaitTimeInMs: fetchWaitMs,
    maxBytesPerPartition: fetchBytes,
    sessionTimeout: 30_000,
    rebalanceTimeout: 30_000,
    heartbeatInterval: 3_000,
    retry: { initialRetryTime: 200, maxRetryTime: 1_000, retries: 3, restartOnFailure: () => Promise.resolve(false) },
  });
  const watch = watched(consumer, signal, onUp);
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...starts.keys()], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatch: ({ batch }) => {
        // kafkajs may hand out what it had fetched before it was stopped.
        if (signal.aborted || watch.over()) return Promise.resolve();
        const messages = batch.messages.map(({ offset, value, headers = {} }) => {
          return { topic: batch.topic, offset: BigInt(offset), value, headers };
        });
        return parts.onMessages(batch.topic, messages, BigInt(batch.highWatermark));
      },
    });
    for (const [topic, offset] of starts) consumer.seek({ topic, partition: 0, offset: String(offset) });
    await watch.ended;
  } finally {
    watch.stop();
    await letGo(consumer);
  }
}

/** Rejects when the client says that it crashed, and when it says nothing at all for too long. */
function watched(consumer: Consumer, signal: AbortSignal, onUp?: () => void) {
  let last = performance.now();
  let up = false;
  let over = false;
  let fail: (error: Error) => void = () => undefined;
  let finish: () => void = () => undefined;
  const ended = new Promise<void>((resolve, reject) => {
    fail = reject;
    finish = resolve;
  });
  // It is awaited only once reading has begun; a failure before that is thrown by what failed.
  ended.catch(() => undefined);
  consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
  consumer.on(consumer.events.FETCH, () => {
    last = performance.now();
    if (!up) onUp?.();
    up = true;
  });
  const timer = setInterval(() => {
    if (performance.now() - last > stuckMs) fail(new Error(`the client fetched nothing for ${stuckMs / 1000} s`));
  }, lookMs);
  timer.unref();
  signal.addEventListener('abort', finish, { once: true });
  if (signal.aborted) finish();
  return {
    ended,
    over: () => over,
    stop: () => {
      over = true;
      clearInterval(timer);
      signal.removeEventListener('abort', finish);
    },
  };
}
