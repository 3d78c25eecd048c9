// The relay as a service runs it: the loop (relay-loop.ts) on PostgreSQL, a folder and this machine's timers.
import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { EventStore } from '#store/event-store';
import type { Pulse } from './pulse';
import { RelayFolder } from './relay-folder';
import { takeLease } from './relay-lease';
import { runRelay } from './relay-loop';
import type { Relay, RelayLoopParts } from './relay-loop';

export type { Relay } from './relay-loop';

export type RelayParts = RelayLoopParts & {
  readonly store: EventStore;
  readonly database: DataSource;
  /** tlog-tiles layout; one folder a log. */
  readonly folder: string;
  readonly pulse: Pulse;
  /** How long to wait for a predecessor's lease. */
  readonly leaseWaitMs?: number;
};

/** Resolves when the log is recovered and visible. @throws RelayFault when it must not go on */
export function startRelay(parts: RelayParts): Promise<Relay> {
  const { store, database, folder, origin, pulse, leaseWaitMs = 15_000 } = parts;
  const rest = (milliseconds: number, signal: AbortSignal): Promise<void> =>
    pause(milliseconds, undefined, { signal }).catch(() => undefined);
  return runRelay(parts, {
    store,
    takeLease: (signal) => takeLease(database, origin, signal, leaseWaitMs),
    files: (crash) => new RelayFolder(folder, origin, crash),
    pause: rest,
    milliseconds: () => performance.now(),
    tell: (size) => pulse.tell({ kind: 'log', size }),
  });
}
