// What a service needs for sealed bodies, out of its key files and its database.
import type { DataSource } from 'typeorm';
import type { EventStore } from '#store/event-store';
import type { Config } from '../config';
import type { Keys } from '../keys';
import type { Publisher } from '../publishing';
import type { Ask } from '../ask';
import type { Slice } from '../slice';
import { Bodies } from '../subjects/bodies';
import { destroyDecided } from '../subjects/destroyed-before';
import { SubjectKeys } from '../subjects/subject-keys';
import { TakenBodies } from '../subjects/taken-bodies';
import { announceSealingKey } from './announce';
import { openerOf } from './opener';
import type { Opener } from './opener';
import { announcedKeys, sealerOf } from './sealer';
import type { Sealer } from './sealer';
import { openSealingKeys } from './sealing-keys';
import { startTending } from './tend';

export type Sealing = {
  readonly open: Opener;
  readonly seal: Sealer;
  readonly bodies: Bodies;
  /** Announces the own key, and gives up those that open what was destroyed. */
  readonly tend: (
    ask: (ask: Ask) => Promise<unknown>,
    onFault: (what: string, error: unknown) => void,
  ) => ReturnType<typeof startTending>;
};

type Places = {
  readonly config: Pick<Config, 'agency' | 'folder' | 'origin' | 'peers' | 'profile'>;
  readonly database: DataSource;
};
type Needs = Places & {
  readonly slices: readonly Slice[];
  readonly store: Pick<EventStore, 'readAll' | 'readStream'>;
  readonly publish: Publisher;
  readonly keys: Pick<Keys, 'commitKey'>;
  readonly clock: () => string;
};

/** @throws BadKey */
export async function openSealing({ slices, store, publish, clock, ...needs }: Needs): Promise<Sealing> {
  const {
    config,
    database,
    keys: { commitKey },
  } = needs;
  const { agency, origin, peers } = config;
  const { sealing, subjects, taken, open } = await openReading(needs);
  await destroyDecided(slices, store, subjects);
  const keyOf = announcedKeys(database, peers);
  return {
    open,
    seal: sealerOf({ agency, origin, publish, commitKey, keyOf, subjects }),
    bodies: new Bodies({ agency, origin, sql: database, store, keys: subjects, taken, sealing, clock }),
    tend: (ask, onFault) => {
      const announce = () => announceSealingKey(slices, agency, sealing, ask);
      return startTending({ agency, origin, peers, sql: database, store, keys: sealing, clock, announce }, onFault);
    },
  };
}

/** What is needed to read alone. @throws BadKey */
export async function openReading({ config, database }: Places) {
  const { agency, folder, profile } = config;
  const sealing = await openSealingKeys(folder);
  const subjects = await SubjectKeys.open({ sql: database, folder, profile });
  const taken = new TakenBodies(database, subjects, profile);
  return { sealing, subjects, taken, open: openerOf(agency, { privateKeyOf: sealing.privateKeyOf, taken }) };
}
