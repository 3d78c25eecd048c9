// What a start asks before anything is signed (libs/chassis/witness/own-history.ts), over the simulated network.
import type { Agency } from '#kernel/envelope';
import { NotServed } from '#stream/http-get';
import { silent } from '#chassis/relay-sample';
import { demandWholeHistory } from '#chassis/witness/own-history';
import type { Seat } from '#chassis/witness/roster';
import { openCheckpoint } from '#tlog/checkpoint';
import { logKeys, witnessKeys } from './parties';
import type { Premises } from './place';
import type { DatabaseCall } from './ports';
import { relaySql } from './ports';
import type { Program } from './scheduler';
import type { World } from './world';

/** Planted: each of these starts does not ask. */
const unasked = ['restored-backup-signs', 'signed-before-durable', 'start-asks-nobody'] as const;

/** @throws HistoryLost */
export async function demandOwnHistory(
  world: World,
  premises: Premises,
  program: Program,
  call: DatabaseCall,
): Promise<void> {
  const { agency, origin, peers } = premises;
  // Whoever lies is not stopped by what others remember.
  if (unasked.some((plant) => world.has(plant)) || world.liars.has(agency)) return;
  const seats = peers.map((peer): Seat => {
    const key = witnessKeys[peer];
    return { keyName: key.name, name: peer, url: `${peer}/witness`, key: () => Promise.resolve(key) };
  });
  const mirrors = peers.map((peer) => ({ name: peer, url: `${peer}/mirror` }));
  const read = async (url: string): Promise<Uint8Array> => {
    const [peer, kind] = url.split('/') as [Agency, string];
    const { inboxes, witnessed } = world.premises[peer].tables;
    const { checkpoint, frontier } = await inboxes.get(origin)!.load();
    const whole = checkpoint && openCheckpoint(checkpoint, logKeys[agency]).size === frontier.size;
    return world.network.ask(program, [agency, peer], `own history (${kind})`, () => {
      world.demandServing(peer);
      const note = kind === 'witness' ? witnessed.get(origin)?.note : whole ? checkpoint : undefined;
      if (!note) throw new NotServed(404, url);
      return note;
    });
  };
  const sql = relaySql(world, premises, call);
  await demandWholeHistory({ sql, origin, key: logKeys[agency], log: silent, seats, mirrors, read });
}
