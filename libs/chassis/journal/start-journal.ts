// The journal as a service keeps it.
import type { DataSource } from 'typeorm';
import type { EventStore } from '#store/event-store';
import type { Clock } from '../clock';
import type { Config } from '../config';
import type { Keys } from '../keys';
import type { Log } from '../logging';
import { Journal } from './journal';

export type JournalNeeds = {
  readonly config: Config;
  readonly database: DataSource;
  readonly store: EventStore;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly log: Log;
  readonly onFatal: (what: string, error: Error) => void;
};

/** @throws JournalFault when it must not go on */
export function startJournal({ config, keys, clock, onFatal, ...parts }: JournalNeeds): Promise<Journal> {
  const { agency, origin, anchorSeconds: everySeconds } = config;
  return Journal.open({
    ...{ ...parts, agency, origin, everySeconds, keyOf: keys.journal },
    clock: () => clock.now(),
    onFatal: (error) => onFatal('the journal stopped', error),
  });
}
