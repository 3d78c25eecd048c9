// One agency's store, database and folder for the tests of the relay, which outlive any number of relays.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { MemoryStore } from '#store/memory/memory-store';
import { formatVkey } from '#tlog/key';
import { verifyLog } from '#tlog/log-reader';
import { parseEntry } from '#tlog/entry';
import { openDatabase } from './database';
import { Pulse } from './pulse';
import { startRelay } from './relay';
import type { Relay, RelayParts } from './relay';
import type { RelayStep } from './relay-fault';
import { folderSource, sampleClock, sampleEvent, sampleOrigin, samplePublishedIds } from './relay-sample';
import { samplePublisher, sampleSigner, silent } from './relay-sample';
import { logMigrations } from './relay-tables';

export class RelayPlace {
  readonly store = new MemoryStore();
  readonly folder = mkdtempSync(join(tmpdir(), 'sanfang-relay-'));
  private appended = 0;
  private constructor(
    readonly url: string,
    readonly database: DataSource,
  ) {}

  /** @param url of an empty database */
  static async make(url: string): Promise<RelayPlace> {
    return new RelayPlace(url, await RelayPlace.open(url));
  }

  static open(url: string): Promise<DataSource> {
    return openDatabase({ url, applicationName: 'test', migrations: logMigrations, onPoolError: () => undefined });
  }

  async append(count: number): Promise<void> {
    const events = Array.from({ length: count }, () => sampleEvent(this.appended++));
    for (let at = 0; at < count; at += 500) {
      await this.store.append('round-1', events.slice(at, at + 500), await this.revision());
    }
  }

  /** Entries that the log must come to. */
  published(): number {
    return samplePublishedIds(this.appended).length;
  }

  parts(change: Partial<RelayParts> = {}): RelayParts {
    return {
      store: this.store,
      database: this.database,
      publish: samplePublisher,
      origin: sampleOrigin,
      signer: sampleSigner,
      folder: this.folder,
      pulse: new Pulse(),
      clock: sampleClock,
      onFatal: (error) => {
        throw error;
      },
      log: silent,
      ...change,
    };
  }

  /** Runs a relay until it died at the given moment, or until it has done all there is. */
  async runUntil(step: RelayStep, nth: number): Promise<'died' | 'done'> {
    let count = 0;
    const wanted = this.published();
    return new Promise((resolve, reject) => {
      const pulse = new Pulse();
      const dies = (error: Error) => (error.message === 'pulled' ? resolve('died') : reject(error));
      const crash = (at: RelayStep) => {
        if (at === step && count++ === nth) throw new Error('pulled');
      };
      const starting = startRelay(this.parts({ pulse, crash, onFatal: dies }));
      starting.catch(dies);
      pulse.beats.subscribe(() => {
        const ended = starting.then(async (relay) => {
          if (relay.size() < wanted) return;
          await relay.stop();
          resolve('done');
        });
        ended.catch(() => undefined);
      });
    });
  }

  async caughtUp(relay: Relay): Promise<void> {
    const wanted = this.published();
    for (let tries = 0; relay.size() < wanted; tries++) {
      if (tries > 6_000) throw new Error(`the log stays at ${relay.size()} of ${wanted}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  async verifiedIds(): Promise<string[]> {
    const ids: string[] = [];
    const onEntry = (entry: Uint8Array) => ids.push(parseEntry(entry).id);
    await verifyLog(folderSource(this.folder), { vkey: formatVkey(sampleSigner), onEntry });
    return ids;
  }

  async close(): Promise<void> {
    await this.database.destroy();
    rmSync(this.folder, { recursive: true });
  }

  private async revision(): Promise<bigint | 'no_stream'> {
    let last: bigint | undefined;
    for await (const { revision } of this.store.readAll()) last = revision;
    return last ?? 'no_stream';
  }
}
