// One run: so many steps of a world in trouble, then peace, until nothing changes any more; then what lies where.
import { agencies } from '#kernel/envelope';
import type { Agency, Entry } from '#kernel/envelope';
import { canonicalize } from '#kernel/canonical-json';
import { entryOf, ownPublished } from '#chassis/publishing';
import { formatVkey } from '#tlog/key';
import type { HeldLog, Place, Run, StoredEvent } from './history';
import { accountSecrets, logVkeys, originOf, witnessKeys } from './parties';
import type { Plants } from './plants';
import { publisherIn } from './published';
import { World } from './world';

export type Simulated = {
  readonly run: Run;
  /** Of all that happened, in order. */
  readonly hash: string;
  readonly steps: number;
  readonly trace: readonly string[];
};

export type SimulationOptions = {
  readonly seed: number;
  readonly plants?: Plants;
  readonly steps?: number;
  readonly traced?: boolean;
  /** An agency may lose its machine and get an older backup back. */
  readonly backups?: boolean;
};

const defaultSteps = 2_500;
const mostRounds = 60;

export async function simulate({
  seed,
  plants = new Set(),
  steps = defaultSteps,
  traced = false,
  backups = false,
}: SimulationOptions): Promise<Simulated> {
  const world = new World(seed, plants, traced, backups);
  const { scheduler } = world;
  for (let n = 0; n < steps; n++) await world.step();
  world.heal();
  let before = '';
  for (let round = 0, still = 0; round < mostRounds && still < 2; round++) {
    for (const agency of agencies) world.restore(agency);
    // Once nothing has news, everybody looks by himself: nothing may be left that only a hint would have brought.
    await scheduler.round(still > 0);
    const now = heightOf(world);
    still = now === before ? still + 1 : 0;
    before = now;
  }
  await world.close();
  const run = await runOf(world);
  for (const { events, log, inboxes } of run.places) {
    scheduler.note(
      `${events.map(({ id }) => id).join()} ${log.entries.length} ${inboxes.map(({ entries }) => entries.length).join()}`,
    );
  }
  return { run, hash: scheduler.hash(), steps: scheduler.steps, trace: scheduler.trace };
}

/** How far everything has come. */
function heightOf({ premises, services }: World): string {
  return agencies
    .map((agency) => {
      const { appends, tables, cosigned } = premises[agency];
      const { checkpoints, viewCursors, reactorCursors, inboxes } = tables;
      const cursors = [...viewCursors.values(), ...reactorCursors.values()];
      const held = [...inboxes.values()].map(({ entries }) => entries.length);
      const known = tables.cosigned.length;
      return [
        services.has(agency),
        appends.size,
        checkpoints.length,
        ...held,
        ...cursors,
        cosigned.length,
        known,
      ].join();
    })
    .join(';');
}

async function runOf(world: World): Promise<Run> {
  const { recorder } = world;
  return {
    history: recorder.history,
    places: await Promise.all(agencies.map((agency) => placeOf(world, agency))),
    audited: world.auditor.held(),
    liars: [...world.liars].map(originOf),
    secrets: [...recorder.secrets, ...agencies.flatMap((agency) => accountSecrets.map((text) => ({ agency, text })))],
    sent: recorder.sent,
  };
}

async function placeOf(world: World, agency: Agency): Promise<Place> {
  const premises = world.premises[agency];
  const { origin, tables, disk } = premises;
  for (const { note } of tables.checkpoints) world.recorder.note(Buffer.from(note));
  return {
    agency,
    origin,
    vkey: logVkeys[agency],
    witnessVkey: formatVkey(witnessKeys[agency]),
    events: await storedEvents(world, agency),
    log: { entries: tables.entries.map(({ bytes }) => bytes), notes: world.recorder.notes(origin), files: disk.files },
    inboxes: await Promise.all(premises.peers.map((peer) => heldLog(world, agency, peer))),
    views: Object.fromEntries(tables.views),
    taken: Object.fromEntries([...tables.viewCursors].map(([source, position]) => [source, Number(position)])),
    cosigned: premises.cosigned,
    cosignedBefore: premises.cosignedBefore,
    finals: world.recorder.finals.get(agency) ?? [],
    knew: world.recorder.knew.get(agency) ?? [],
    acted: world.recorder.acted.get(agency) ?? [],
  };
}

async function storedEvents(world: World, agency: Agency): Promise<StoredEvent[]> {
  const premises = world.premises[agency];
  const publish = publisherIn(world, agency);
  return (await premises.events()).map((event) => {
    const entry: Entry | undefined = entryOf(event, publish);
    const published = ownPublished(agency, premises.origin, event, publish);
    const { id, stream, position, revision, meta } = event;
    return {
      ...{
        id,
        stream,
        position: Number(position),
        revision: Number(revision),
        commandId: meta.commandId,
        seen: meta.seen,
      },
      append: premises.appends.get(id) ?? 0,
      ...(entry && { entry: canonicalize(entry) }),
      ...(published && { published }),
    };
  });
}

async function heldLog(world: World, agency: Agency, peer: Agency): Promise<HeldLog> {
  const premises = world.premises[agency];
  const origin = originOf(peer);
  const inbox = premises.tables.inboxes.get(origin)!;
  const { stopped } = await inbox.load();
  return {
    origin,
    entries: inbox.entries.map(({ bytes }) => bytes),
    ...(stopped !== undefined && { stopped }),
    forks: premises.forks.filter((each) => each.origin === origin).map(({ file }) => file),
  };
}
