// What a service needs for sealed bodies, out of its key file and its database.
import type { Config } from '../config';
import type { Sql } from '../database';
import type { Keys } from '../keys';
import type { Publisher } from '../publishing';
import type { Ask } from '../ask';
import type { Slice } from '../slice';
import { announceSealingKey } from './announce';
import { openerOf } from './opener';
import type { Opener } from './opener';
import { announcedKeys, sealerOf } from './sealer';
import type { Sealer } from './sealer';
import { openSealingKeys } from './sealing-keys';

export type Sealing = {
  readonly open: Opener;
  readonly seal: Sealer;
  readonly announce: (slices: readonly Slice[], ask: (ask: Ask) => Promise<unknown>) => Promise<void>;
};

type Needs = {
  readonly config: Pick<Config, 'agency' | 'folder' | 'origin' | 'peers'>;
  readonly database: Sql;
  readonly publish: Publisher;
  readonly keys: Pick<Keys, 'commitKey'>;
};

/** @throws BadKey */
export function openSealing({ config, database, publish, keys: { commitKey } }: Needs): Sealing {
  const { agency, folder, origin, peers } = config;
  const keys = openSealingKeys(folder);
  return {
    open: openerOf(agency, keys),
    seal: sealerOf({ agency, origin, publish, commitKey, keyOf: announcedKeys(database, peers) }),
    announce: (slices, ask) => announceSealingKey(slices, agency, keys, ask),
  };
}
