// People at their consoles: they ask, wait, ask again when no answer came, and look at what they are shown. What they do is
// written down as history; they know nothing of how the agencies work.
import type { Agency } from '#kernel/envelope';
import { Refused } from '#kernel/decider';
import { streamOf } from '#chassis/asking';
import type { Append, Happening, Read } from './history';
import { originOf } from './parties';
import { Program } from './scheduler';
import { Lost } from './service';
import { aside, forbidden } from './scripts';
import type { Script, Step } from './scripts';
import type { ToldRow } from './told';
import type { World } from './world';

type Outcome = Partial<Happening> & Pick<Happening, 'kind'>;
const notConnected = 'not connected';

/** One person's session at one agency. */
export class Client {
  readonly program: Program;
  private wishes = 0;
  /** Position of the last change that was answered. */
  private after = 0;
  private readonly looked: string[] = [];

  constructor(
    private readonly world: World,
    private readonly agency: Agency,
    private readonly name: string,
    private readonly scripts: readonly Script[],
  ) {
    this.program = new Program(name);
    world.scheduler.repeat({ program: this.program, label: 'acts', weight: 14, work: () => this.act() });
  }

  /** Sessions do not outlive an older backup: whoever comes back has logged in anew. */
  private get session(): string {
    return `${this.name}-${this.world.premises[this.agency].restores}`;
  }

  async act(): Promise<void> {
    const { random } = this.world;
    const [first] = this.scripts;
    // Nothing can be said about issues before there are any.
    const begun = first!.at < first!.steps.length ? [first!] : this.scripts;
    const mine = begun.filter(({ steps, at }) => steps[at]?.agency === this.agency);
    const script = random.pick(mine.length > 0 && random.chance(0.7) ? mine : this.scripts);
    const chosen = random.below(20);
    if (chosen < 4) return this.look();
    if (chosen < 6) return void (await this.wish(forbidden(script, random), false));
    if (chosen < 9) return void (await this.wish(aside(script, random), true));
    const step = script.steps[script.at];
    if (step?.agency !== this.agency || script.busy) return;
    script.busy = true;
    if (await this.wish(step, true)) script.at++;
    script.busy = false;
  }

  /** Asks until there is an answer, or until whoever asks gives up. @returns whether it was done */
  private async wish(step: Step | undefined, allowed: boolean): Promise<boolean> {
    if (step?.agency !== this.agency) return false;
    const { random, recorder, scheduler } = this.world;
    const stream = streamOf(step.decider, step.id);
    const wish = `${this.session}-${this.wishes++}`;
    let commandId = random.uuid();
    if (step.secret !== undefined) recorder.secrets.push({ agency: this.agency, text: step.secret });
    const expected = random.chance(0.3) ? await this.revisionOf(stream) : undefined;
    for (let tries = 0; tries < 4; tries++) {
      const asked: Append = {
        ...{ what: 'append', stream, command: step.command.type, commandId, wish, allowed },
        ...(expected !== undefined && { expected }),
      };
      this.world.askedAt.set(commandId, this.world.premises[this.agency].milliseconds() + random.below(400));
      const outcome = await this.asked(step, asked);
      const again = outcome.kind === 'info' || outcome.why === notConnected;
      if (!again) return outcome.kind === 'ok';
      if (random.chance(0.2)) return false;
      await scheduler.call(this.program, 'asks again', () => undefined);
      // Planted `retry-with-new-ids`: a repetition looks like something new.
      if (this.world.has('retry-with-new-ids')) commandId = random.uuid();
    }
    return false;
  }

  private async asked(step: Step, asked: Append): Promise<Outcome> {
    const { world, agency, program } = this;
    const end = world.recorder.invoke(this.session, agency, asked);
    const told = (outcome: Outcome): Outcome => {
      end(outcome);
      return outcome;
    };
    // Nothing has reached anybody yet: a service that is down refuses the connection.
    const service = await world.scheduler.call(program, 'connects', () => world.serving(agency));
    if (!service?.program.alive) return told({ kind: 'fail', why: notConnected });
    try {
      const { decider, id, command, who } = step;
      const { commandId, expected } = asked;
      const request = {
        decider,
        id,
        command,
        who,
        commandId,
        ...(expected !== undefined && { expectedRevision: expected }),
      };
      const done = await service.ask(request);
      this.after = Number(done.position);
      return told({ kind: 'ok', revision: done.revision, position: this.after });
    } catch (error) {
      if (error instanceof Lost) return told({ kind: 'info', why: error.message });
      if (!(error instanceof Refused)) {
        if (world.plants.size > 0) return told({ kind: 'info', why: (error as Error).message });
        throw error;
      }
      // What the store did not answer may have been stored all the same.
      return told({ kind: error.code === 'service.unavailable' ? 'info' : 'fail', why: error.code });
    }
  }

  private async revisionOf(stream: string): Promise<number | undefined> {
    const ids = await this.read({ what: 'read', of: 'own', keys: [`${originOf(this.agency)}\n${stream}`] });
    const list = Object.values(ids ?? {})[0];
    return list && list.length > 0 ? list.length - 1 : undefined;
  }

  /** Looks at some rows, as new as what was done last. */
  private async look(): Promise<void> {
    const { world, agency } = this;
    const rows = world.premises[agency].tables.views.get('told');
    if (!rows || rows.size === 0) return;
    const some = world.random.pick([...rows.keys()]);
    if (!this.looked.includes(some)) this.looked.push(some);
    const keys = this.looked.slice(-3);
    await this.read({ what: 'read', of: 'view', keys, after: this.after });
  }

  private async read(asked: Read): Promise<Happening['seen'] | undefined> {
    const { world, agency, program } = this;
    const end = world.recorder.invoke(this.session, agency, asked);
    const service = await world.scheduler.call(program, 'connects', () => world.serving(agency));
    if (!service?.program.alive) return void end({ kind: 'fail', why: notConnected });
    try {
      for (let patience = 0; patience < 12; patience++) {
        const seen = await service.serve('read', () => service.databaseCall('reads', () => this.rows(asked)));
        if (!seen) continue;
        end({ kind: 'ok', seen });
        return seen;
      }
      return void end({ kind: 'fail', why: 'the view has not come that far' });
    } catch (error) {
      return void end({ kind: 'fail', why: (error as Error).message });
    }
  }

  /** @returns undefined while the view is behind what the session has done */
  private rows({ of, keys, after = 0 }: Read): { [key: string]: readonly string[] } | undefined {
    const { world } = this;
    const premises = world.premises[this.agency];
    if (of === 'own') {
      return Object.fromEntries(keys.map((key) => [key, world.stored(premises, key.split('\n')[1]!)]));
    }
    // Planted `stale-read`: whoever has just changed something is not waited for. `lagging-replica`: nor is anybody.
    const behind = (premises.tables.viewCursors.get('own') ?? 0n) < BigInt(after);
    if (behind && !world.has('stale-read')) return undefined;
    const rows = premises.tables.views.get('told');
    const seen = keys.map((key): [string, readonly string[]] => [
      key,
      (rows?.get(key) as ToldRow | undefined)?.ids ?? [],
    ]);
    if (!world.has('lagging-replica') || world.random.chance(0.7)) return Object.fromEntries(seen);
    return Object.fromEntries(seen.map(([key, ids]) => [key, ids.slice(0, Math.max(0, ids.length - 2))]));
  }
}
