// A connection to the brokers out of the settings. kafkajs has known ways of hanging and of trying for ever
// (docs/adr/0016), so its own retries are short and everything long is decided by whoever uses it.
import { readFileSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';
import type { SASLOptions } from 'kafkajs';
import type { KafkaSettings } from './kafka-url';

const connectMs = 5_000;
/** Longer than a fetch waits for messages and than a broker waits for its replicas. */
const requestMs = 15_000;
const disconnectMs = 5_000;

export function kafkaClient({ brokers, tls, sasl }: KafkaSettings, clientId: string): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    ...(tls && { ssl: tls.ca === undefined ? true : { ca: [readFileSync(tls.ca, 'utf8')] } }),
    ...(sasl && { sasl: { ...sasl } as SASLOptions }),
    connectionTimeout: connectMs,
    authenticationTimeout: connectMs,
    requestTimeout: requestMs,
    // What it would say on every attempt is said once, by the state of its user.
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 200, maxRetryTime: 1_000, retries: 3, restartOnFailure: () => Promise.resolve(false) },
  });
}

/** Ends a client; one that hangs is left behind after a while, and its replacement does not wait for it. */
export async function letGo(client: { disconnect(): Promise<void> }): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, disconnectMs);
    timer.unref();
  });
  await Promise.race([client.disconnect().catch(() => undefined), late]);
  clearTimeout(timer);
}
