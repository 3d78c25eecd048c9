// A log as others are served it: the files as they lie on the disk of a running agency, or another history of them, when
// the agency is made to lie. All that is served is written down.
import type { Agency } from '#kernel/envelope';
import type { PeerSource } from '#stream/peer-source';
import { toHex } from '#tlog/bytes';
import { BadFile } from '#tlog/log-reader';
import { leafHash } from '#tlog/merkle';
import { bundlePath, tilePath } from '#tlog/tile';
import { sampleLog } from '../sample-log';
import { logSeeds, originOf } from './parties';
import type { Program } from './scheduler';
import type { World } from './world';

export type Asker = Agency | 'auditor';

/** Files of a log by path. */
export type Files = ReadonlyMap<string, Uint8Array>;

export class Feeds {
  /** Another history, for one asker. */
  readonly lies = new Map<string, Files>();
  /** Notes served earlier, for a network that ages them. */
  private readonly old = new Map<Agency, Uint8Array[]>();

  constructor(private readonly world: World) {}

  /** Signs a second history of a log, with another last entry, to be shown to one asker. */
  lie(agency: Agency, to: Asker): boolean {
    const { tables } = this.world.premises[agency];
    const whole = tables.entries.every(({ bytes, hash }) => toHex(leafHash(bytes)) === hash);
    const entries = tables.entries.map(({ bytes }) => bytes.toString('utf8'));
    const last = entries.pop();
    if (last === undefined || !whole) return false;
    const { commit } = JSON.parse(last) as { commit: string };
    const other = [...entries, last.replace(commit, 'f'.repeat(64))].map((text) => Buffer.from(text));
    const { files } = sampleLog(other, { origin: originOf(agency), seed: logSeeds[agency] });
    this.lies.set(`${agency}>${to}`, files);
    return true;
  }

  source(program: Program, asker: Asker, agency: Agency): PeerSource {
    const { network, recorder } = this.world;
    const read = async (path: string): Promise<Uint8Array> => {
      const bytes = await network.ask(program, [asker, agency], path, () => {
        this.world.demandServing(agency);
        const files = this.lies.get(`${agency}>${asker}`) ?? this.world.premises[agency].disk.files;
        const found = path === 'checkpoint' ? this.aged(agency, files.get(path)) : files.get(path);
        if (found) recorder.send(agency, path, found);
        if (found && path === 'checkpoint') recorder.note(found);
        return found;
      });
      if (!bytes) throw new BadFile(`${path} is missing`);
      return network.damaged(bytes);
    };
    return {
      checkpoint: () => read('checkpoint'),
      tile: (level, n, width) => read(tilePath(level, n, width)),
      bundle: (n, width) => read(bundlePath(n, width)),
      async *wake() {},
    };
  }

  /** Sometimes an earlier note comes instead of the newest. */
  private aged(agency: Agency, newest: Uint8Array | undefined): Uint8Array | undefined {
    const old = this.old.get(agency) ?? [];
    this.old.set(agency, old);
    if (newest && old.at(-1) !== newest) old.push(newest);
    return old.length > 0 && this.world.random.chance(this.world.weather.aged) ? this.world.random.pick(old) : newest;
  }
}
