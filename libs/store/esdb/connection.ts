// The one client of a process, and whether the store answers. The client keeps what is on its way in variables of its
// module, not of itself, so that a second one in the same process could settle the promises of the first.
import { setMaxListeners } from 'node:events';
import { EventStoreDBClient } from '@eventstore/db-client';
import { Unavailable } from '../event-store';
import { type EsdbAddress, esdbAddress } from './esdb-url';
import { translated } from './faults';

export type Patience = {
  /** One attempt of an append. */
  readonly attemptMs: number;
  /** All attempts of an append together; then the caller is told that the outcome is unknown. */
  readonly appendMs: number;
  /** A read that has brought nothing yet is begun again for so long: another node may lead now. */
  readonly readMs: number;
  /** A read or the opening of a subscription that brings nothing for so long is given up and begun again. */
  readonly silenceMs: number;
  /** First pause before something is tried again; doubled each time up to `longestPauseMs`. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
};

const patience: Patience = {
  attemptMs: 5_000,
  appendMs: 15_000,
  readMs: 5_000,
  silenceMs: 15_000,
  firstPauseMs: 50,
  longestPauseMs: 2_000,
};

// First with a sign that a subscription has caught up, and long after positions came with every event.
const oldest = [23, 10];

const disposeMs = 2_000;

/** What the client's type hides. Without its end the connection would stay open until the process ends. */
type Hidden = {
  getChannel(): Promise<{ close(): void }>;
  readonly capabilities: Promise<{ readonly serverVersion: string }>;
};

export class Connection {
  /** Did the store answer when it was last asked? */
  inTouch = false;
  readonly closing = new AbortController();

  private constructor(
    readonly client: EventStoreDBClient,
    readonly address: EsdbAddress,
    readonly patience: Patience,
  ) {
    // Each open read listens for the end; many at once are no leak.
    setMaxListeners(0, this.closing.signal);
  }

  /** @throws Error with the remedy when the address is doubtful or the server too old, Unavailable when none answers */
  static async open(url: string, more: Partial<Patience> = {}): Promise<Connection> {
    const address = esdbAddress(url);
    const client = EventStoreDBClient.connectionString(address.connectionString);
    const connection = new Connection(client, address, { ...patience, ...more });
    try {
      const asked = (client as unknown as Hidden).capabilities;
      const { serverVersion } = await connection.within(connection.patience.silenceMs, asked);
      demandVersion(serverVersion);
      return connection;
    } catch (error) {
      await connection.close();
      throw error instanceof TooOld ? error : translated(error);
    }
  }

  get closed(): boolean {
    return this.closing.signal.aborted;
  }

  /** @throws Unavailable */
  demandOpen(): void {
    if (this.closed) throw new Unavailable('the store is closed');
  }

  /** Some answers of the client never come: an empty one, or one to a call that broke while it was written. */
  async within<T>(ms: number, answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Unavailable(`the event store was silent for ${ms} ms`)), ms);
    });
    try {
      const answered = await Promise.race([answer, silence]);
      this.inTouch = true;
      return answered;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Remembers whether the failure says that the store is away, or is an answer of it. */
  failed<E extends Error>(error: E): E {
    this.inTouch = !(error instanceof Unavailable);
    return error;
  }

  /** Waits before a further attempt; ends at once when the store is closed or the signal aborts. */
  pause(ms: number, signal?: AbortSignal): Promise<void> {
    const ended = signal === undefined ? this.closing.signal : AbortSignal.any([signal, this.closing.signal]);
    if (ended.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const rise = () => {
        clearTimeout(timer);
        ended.removeEventListener('abort', rise);
        resolve();
      };
      const timer = setTimeout(rise, ms);
      ended.addEventListener('abort', rise);
    });
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closing.abort();
    this.inTouch = false;
    // It waits for every call to be read to its end, which one that was broken off may never be.
    const patience = new Promise((resolve) => setTimeout(resolve, disposeMs).unref());
    await Promise.race([this.client.dispose(), patience]);
    const channel = (this.client as unknown as Hidden).getChannel();
    await channel.then((open) => open.close()).catch(() => undefined);
  }
}

class TooOld extends Error {}

/** A server that does not tell its version in numbers is taken to be new. */
function demandVersion(version: string): void {
  const [major = NaN, minor = NaN] = version.split('.').map(Number);
  const [oldMajor = 0, oldMinor = 0] = oldest;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor) || Number.isNaN(major)) return;
  throw new TooOld(`the event store is version ${version}; this program needs ${oldest.join('.')} or later`);
}
