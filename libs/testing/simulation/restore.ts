// An agency loses its machine and gets an older backup back. What its people do then is what docs/guide/operate.md says under
// "After a restore": they start it when both peers can be asked; when it refuses, they bring the log back from a peer's
// mirror (libs/chassis/recovery), or recover store and database further forward, if the store was lost as well.
import { setImmediate as turn } from 'node:timers/promises';
import type { Agency } from '#kernel/envelope';
import { NotServed } from '#stream/http-get';
import { recoverLog } from '#chassis/recovery/recover';
import type { RecoverParts } from '#chassis/recovery/recover';
import { askHolders, RecoveryRefused } from '#chassis/recovery/shown';
import type { Holder } from '#chassis/recovery/shown';
import { openCheckpoint } from '#tlog/checkpoint';
import { leafHash } from '#tlog/merkle';
import { bundlePath, growthFiles, TILE_WIDTH, tilePath, tileRoot } from '#tlog/tile';
import { Unreachable } from './network';
import { logKeys, originOf } from './parties';
import type { Premises } from './place';
import { publisherIn } from './published';
import { Program } from './scheduler';
import type { World } from './world';

export type Restoring = {
  /** Brings back the newest state of store, database and files; absent where the store was not lost. */
  readonly forward?: () => void;
  /** It was started, and would not sign. */
  refused: boolean;
  /** Somebody is at it. */
  operator?: Program;
};

/** Puts the last backup back. @returns whether there was one, and anything to lose */
export async function restoreOlder(world: World, premises: Premises): Promise<boolean> {
  // What still reached store or database as the machine died has come to its end.
  await turn();
  const { random } = world;
  const backup = premises.backedUp;
  const longest = Math.max(...holdings(world, premises));
  if (!backup || backup.tables.checkpoints.length === premises.tables.checkpoints.length) return false;
  const files = random.pick([backup.files, new Map<string, Uint8Array>(), new Map(premises.disk.files)]);
  // With its events lost as well it can only wait for a newer backup: worth while when others hold what it has lost.
  const whole = longest > backup.tables.entries.length && random.chance(0.5);
  const newest = { tables: premises.tables.copy(), files: new Map(premises.disk.files) };
  const bringBack = whole ? await premises.cutStore(backup.events) : undefined;
  premises.putTables(backup.tables);
  premises.putFiles(whole ? backup.files : files);
  premises.restores++;
  premises.cosignedBefore = premises.cosigned.length;
  const forward = (): void => {
    bringBack!();
    premises.putTables(newest.tables);
    premises.putFiles(newest.files);
  };
  premises.restoring = { ...(whole && { forward }), refused: false };
  world.scheduler.note(
    `${premises.agency} is an older backup of ${backup.events} events${whole ? ', store and all' : ''}`,
  );
  return true;
}

/** Entries of its log that each peer holds. */
function holdings({ premises }: World, { agency, peers }: Premises): number[] {
  return peers.map((peer) => premises[peer].held(agency).length);
}

/** Somebody looks after a restored agency whose service is down. */
export function operate(world: World, premises: Premises): void {
  const { restoring, agency } = premises;
  if (!restoring || restoring.operator) return;
  const program = (restoring.operator = new Program(`${agency}'s operator`));
  const end = (): void => {
    delete restoring.operator;
    world.scheduler.end(program);
  };
  world.scheduler.repeat({
    program,
    label: 'looks after it',
    weight: 4,
    news: () => true,
    work: async () => {
      if (!premises.peers.every((peer) => world.reaches(agency, peer))) return;
      if (restoring.refused && !(await broughtBack(world, premises, program))) return;
      end();
      world.start(agency, true);
    },
  });
}

/** @returns whether it may be started again */
async function broughtBack(world: World, premises: Premises, program: Program): Promise<boolean> {
  const { restoring } = premises;
  if (restoring?.forward) {
    restoring.forward();
    premises.restoring = undefined;
    world.scheduler.note(`${premises.agency} is brought to its last moment`);
    return true;
  }
  const key = logKeys[premises.agency];
  try {
    const { holders, shown } = await askHolders(premises.peers, key, askingOf(world, premises, program));
    await recoverLog(partsOf(world, premises), holders, shown);
  } catch (error) {
    // A mirror that goes away in the middle is asked again another time: nothing was changed.
    if (error instanceof Unreachable) return false;
    if (!(error instanceof RecoveryRefused)) throw error;
    world.scheduler.note(`${premises.agency} is not recovered: ${error.message}`);
    // Nobody holds more than its own database: then it is the folder that is ahead, and the events give it anew.
    if (!/none of those asked|more than others hold/.test(error.message)) return false;
  }
  // The folder is put aside.
  premises.putFiles(new Map());
  world.scheduler.note(`${premises.agency} has ${premises.tables.entries.length} entries and no folder`);
  return true;
}

function partsOf(world: World, premises: Premises): RecoverParts {
  const { tables, store, agency } = premises;
  const query = async (sql: string, parameters?: unknown[]) => tables.query(sql, parameters);
  const transaction = async (work: (sql: { query: typeof query }) => Promise<unknown>): Promise<unknown> => {
    const before = tables.log;
    try {
      return await work({ query });
    } catch (error) {
      tables.log = before;
      throw error;
    }
  };
  return {
    ...{ publish: publisherIn(world, agency), signer: logKeys[agency], recovery: [], clock: () => premises.now() },
    store: {
      readAll: (options) => store.readAll(options),
      appendRecorded: () => Promise.reject(new Error('no copies')),
    },
    database: { query, transaction } as unknown as RecoverParts['database'],
    // What lies in the simulated folder is put aside afterwards.
    folder: '/nonexistent',
  };
}

/** What peers serve of others' logs: mirror and witness (libs/chassis/mirror.api.ts, witness.api.ts). */
function askingOf(world: World, { agency, origin }: Premises, program: Program) {
  const ask = <T>(peer: Agency, what: string, answer: () => T | undefined): Promise<T> =>
    world.network.ask(program, [agency, peer], what, () => {
      world.demandServing(peer);
      const found = answer();
      if (found === undefined) throw new NotServed(404, what);
      return found;
    });
  const read = async (url: string): Promise<Uint8Array> => {
    const [peer, kind] = url.split('/') as [Agency, string];
    const { inboxes, witnessed } = world.premises[peer].tables;
    const held = await inboxes.get(origin)!.load();
    return ask(peer, url, () => (kind === 'mirror' ? held.checkpoint : witnessed.get(origin)?.note));
  };
  const source = (url: string): Holder['source'] => {
    const peer = url.split('/')[0] as Agency;
    const file = async (path: string): Promise<Uint8Array> => {
      const { checkpoint } = await world.premises[peer].tables.inboxes.get(originOf(agency))!.load();
      const size = openCheckpoint(checkpoint!, logKeys[agency]).size;
      return ask(peer, path, () => mirrored(world.premises[peer], agency, size).get(path));
    };
    return {
      bundle: (n, width) => file(bundlePath(n, width)),
      tile: (level, n, width) => file(tilePath(level, n, width)),
    };
  };
  // Nobody keeps copies here: a store that is lost as well comes back from its own backup.
  const copies = () => () => Promise.resolve(undefined);
  return { read, source, copies };
}

function mirrored(premises: Premises, of: Agency, size: bigint): Map<string, Uint8Array> {
  const entries = premises.held(of).map(({ bytes }) => bytes);
  const leaves = entries.map(leafHash);
  const hashAt = (level: number, n: bigint): Uint8Array => {
    if (level === 0) return leaves[Number(n)]!;
    const below = Array.from({ length: TILE_WIDTH }, (_, i) => hashAt(level - 1, n * BigInt(TILE_WIDTH) + BigInt(i)));
    return tileRoot(Buffer.concat(below));
  };
  const files = growthFiles(0n, size, hashAt, (index) => entries[Number(index)]!);
  return new Map(files.map(({ path, bytes }) => [path, bytes]));
}
