// A log that grows in a test, offered both ways: over HTTP as its files would be, and to a publisher as its own.
import { setTimeout as pause } from 'node:timers/promises';
import type { KafkaSettings } from '#stream/kafka/kafka-url';
import { LogPublisher } from '#stream/kafka/publisher';
import type { OwnLog } from '#stream/kafka/publisher';
import type { Hint, PeerSource } from '#stream/peer-source';
import { sampleEntry, sampleLog, sampleSource } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';

export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

export class GrowingLog {
  readonly entries: Uint8Array[] = [];
  /** Bundles asked for over HTTP. */
  bundles = 0;
  /** While false, HTTP answers nothing. */
  served = true;
  private log: SampleLog;

  constructor(readonly origin: string) {
    this.log = sampleLog([], { origin });
  }

  get vkey(): string {
    return this.log.vkey;
  }
  get note(): Uint8Array {
    return this.log.files.get('checkpoint') as Uint8Array;
  }

  grow(count: number): void {
    for (let n = 0; n < count; n++) this.entries.push(sampleEntry(this.entries.length));
    this.log = sampleLog(this.entries, { origin: this.origin });
  }

  publisher(settings: KafkaSettings, client: string): LogPublisher {
    const own: OwnLog = {
      visible: () => ({ size: BigInt(this.entries.length), note: this.note }),
      entries: (from, to) => Promise.resolve(this.entries.slice(Number(from), Number(to)).map((bytes) => ({ bytes }))),
      grown: (milliseconds) => pause(Math.min(milliseconds, 100)),
    };
    return new LogPublisher({ settings, origin: this.origin, client, own, log: silent });
  }

  /** Without hints of its own: what arrives quickly came from Kafka. */
  http(): PeerSource & { close(): void } {
    const read = <T>(ask: () => Promise<T>): Promise<T> => {
      return this.served ? ask() : Promise.reject(new Error('connection refused'));
    };
    const source = () => sampleSource(this.log);
    return {
      checkpoint: () => read(() => source().checkpoint()),
      tile: (...file) => read(() => source().tile(...file)),
      bundle: (...file) => {
        this.bundles++;
        return read(() => source().bundle(...file));
      },
      wake: quiet,
      close: () => undefined,
    };
  }
}

async function* quiet(signal: AbortSignal): AsyncGenerator<Hint, void> {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
