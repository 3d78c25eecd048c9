// One start of an agency's service: its parts, put together as assemble.ts does, and each done one step at a time.
import type { Agency } from '#kernel/envelope';
import type { AnyDecider } from '#kernel/decider';
import type { Done } from '#contracts/answers';
import { permissions } from '#contracts/roles';
import { Unavailable } from '#store/event-store';
import { Follower } from '#stream/follower';
import type { Inbox } from '#stream/inbox';
import { BadFile } from '#tlog/log-reader';
import { NoteFault } from '#tlog/note';
import { writeFork } from '#tlog/fork';
import { Ask } from '#chassis/ask';
import { Asking } from '#chassis/asking';
import type { Person } from '#chassis/person';
import { silent } from '#chassis/relay-sample';
import { HistoryLost } from '#chassis/witness/own-history';
import { CarelessFollower } from './careless';
import { Consumers } from './consumers';
import { Unreachable } from './network';
import { demandOwnHistory } from './own-history-run';
import { commitKeys, logKeys, originOf } from './parties';
import type { Premises } from './place';
import { publisherIn } from './published';
import type { DatabaseCall } from './ports';
import { databaseOf, storeOf } from './ports';
import { RelayRun } from './relay-run';
import { Program } from './scheduler';
import { WitnessRun } from './witness-run';
import type { World } from './world';

/** Whoever asked does not know what became of it. */
export class Lost extends Error {
  override readonly name = 'Lost';
}

export type Request = {
  readonly decider: AnyDecider;
  readonly id: string;
  readonly command: { readonly type: string };
  readonly who: Person;
  readonly commandId: string;
  readonly expectedRevision?: number;
};

export class Service {
  readonly program: Program;
  readonly witness: WitnessRun;
  readonly consumers: Consumers;
  private readonly call: DatabaseCall;
  private readonly askings: readonly Asking[];
  /** Verified sizes of the peers' logs. */
  private readonly sizes = new Map<string, number>();
  private readonly relays: readonly RelayRun[];
  private wholeHistory = false;
  /** Others reach it. */
  isOpen = false;

  constructor(
    private readonly world: World,
    readonly premises: Premises,
    start: number,
  ) {
    const { agency } = premises;
    this.program = new Program(`${agency}-${start}`);
    this.call = databaseOf(world, premises, this.program);
    const publish = publisherIn(world, agency);
    for (const peer of premises.peers) this.sizes.set(originOf(peer), premises.held(peer).length);
    const store = storeOf(world, premises, this.program);
    const clock = { now: () => premises.now() };
    const asking = () => new Asking({ store, clock, seen: () => this.seen(), commitKey: commitKeys[agency] });
    this.askings = world.has('last-writer-wins') ? [asking(), asking()] : [asking()];
    const relay = () => new RelayRun(world, premises, this.program, this.call, publish);
    this.relays = world.has('two-relays-without-lease') ? [relay(), relay()] : [relay()];
    this.witness = new WitnessRun(world, premises, this.program, this.call);
    this.consumers = new Consumers(world, premises, this.call, publish, this.askings[0]!);
    this.begin();
  }

  /** What a person asks. @throws Refused; Lost when the service died over it */
  ask({ decider, id, command, who, commandId, expectedRevision }: Request): Promise<Done> {
    const { world } = this;
    const meta = {
      who: this.believed(who, decider, command),
      commandId,
      ...(expectedRevision !== undefined && { expectedRevision }),
    };
    return this.serve('ask', async () => {
      const done = await world.random.pick(this.askings).ask(new Ask(decider, id, command, meta));
      if (world.random.chance(world.weather.unanswered)) throw new Lost('the answer was lost');
      return done;
    });
  }

  /** Something asked from outside, answered as long as the service lives. */
  serve<T>(_what: string, work: () => Promise<T>): Promise<T> {
    const answer = this.world.scheduler.within(this.program, work, () => new Lost('the service died'));
    answer.catch(() => undefined);
    return answer;
  }

  databaseCall<T>(label: string, effect: () => T): Promise<T> {
    return this.call(label, effect);
  }

  private seen(): { readonly [origin: string]: number } {
    const { world } = this;
    // Planted `seen-as-announced`: what the others' logs are said to hold counts as seen.
    const size = ([origin, held]: [string, number]): [string, number] => {
      const peer = this.premises.peers.find((each) => originOf(each) === origin)!;
      return [origin, world.has('seen-as-announced') ? world.premises[peer].tables.entries.length : held];
    };
    return Object.fromEntries([...this.sizes].map(size).filter(([, held]) => held > 0));
  }

  private task(label: string, weight: number, news: () => boolean, work: () => Promise<unknown>): void {
    this.world.scheduler.repeat({ program: this.program, label, weight, news, work: () => this.tolerant(work) });
  }

  private begin(): void {
    const closed = (): boolean => !this.isOpen;
    this.program.hasty = true;
    this.task('start', 4, closed, async () => {
      if (!this.isOpen) await this.startUp();
    });
  }

  private open(): void {
    const { world, premises, consumers, witness } = this;
    const { tables } = premises;
    const task = this.task.bind(this);
    const stored = (): bigint => BigInt(premises.appends.size);
    for (const relay of this.relays)
      task(
        'relay',
        4,
        () => relay.isBehind(),
        () => relay.turn(),
      );
    for (const peer of premises.peers) {
      const [origin, others] = [originOf(peer), world.premises[peer]];
      const follower = this.follower(peer);
      const cosigned = (): bigint => tables.witnessed.get(origin)?.size ?? 0n;
      task(
        `follow ${peer}`,
        3,
        () => premises.held(peer).length !== others.tables.entries.length,
        () => follower.step(),
      );
      task(
        `cosign ${peer}`,
        2,
        () => cosigned() < premises.held(peer).length,
        () => witness.follow(peer),
      );
      task(
        `show ${peer}`,
        1,
        () => witness.hasNews(peer),
        () => witness.show(peer),
      );
      for (const of of [premises.agency, ...premises.peers]) {
        if (of === peer) continue;
        task(
          `gather ${peer} on ${of}`,
          1,
          () => witness.isBehind(peer, of),
          () => witness.gather(peer, of),
        );
      }
    }
    for (const source of consumers.sources()) {
      const peer = premises.peers.find((each) => originOf(each) === source);
      const end = (): bigint => (peer ? BigInt(premises.held(peer).length) : stored());
      task(
        `views ${source}`,
        2,
        () => (tables.viewCursors.get(source) ?? 0n) < end(),
        () => consumers.view(source),
      );
      for (const reactor of consumers.reactors()) {
        const key = `${reactor.name}\n${source}`;
        const cursor = (): bigint => tables.reactorCursors.get(key) ?? 0n;
        task(
          `${reactor.name} ${source}`,
          2,
          () => cursor() < end(),
          () => consumers.react(reactor, source),
        );
      }
    }
  }

  /** As libs/chassis/assemble.ts: nothing is open before the own history is known to be whole and the log is visible. */
  private async startUp(): Promise<void> {
    const { relays, world, premises } = this;
    try {
      if (!this.wholeHistory) await demandOwnHistory(world, premises, this.program, this.call);
      this.wholeHistory = true;
    } catch (error) {
      if (!(error instanceof HistoryLost)) throw error;
      return world.fatal(premises.agency, error.message);
    }
    for (const relay of relays) await relay.turn();
    if (!relays.some(({ ready }) => ready)) return;
    this.isOpen = true;
    premises.restoring = undefined;
    this.program.hasty = false;
    this.open();
  }

  private follower(peer: Agency): { step(): Promise<unknown> } {
    const { world, premises } = this;
    const origin = originOf(peer);
    const key = logKeys[peer];
    const source = world.feeds.source(this.program, premises.agency, peer);
    const inbox = this.inbox(origin);
    const onAccepted = (size: number): void => void this.sizes.set(origin, size);
    const kind = world.has('unproven-accepted')
      ? 'unproven'
      : world.has('gap-skip')
        ? 'gaps'
        : world.has('older-checkpoint-accepted')
          ? 'older'
          : undefined;
    if (kind)
      return new CarelessFollower(
        { origin, key, source, inbox },
        kind,
        onAccepted,
        (size) => void premises.cutBack(origin, size),
      );
    return new Follower({ origin, key, source, inbox, clock: () => premises.now(), log: silent, onAccepted });
  }

  private inbox(origin: string): Inbox {
    const { world, premises, call } = this;
    const rowsOf = () => premises.tables.inboxes.get(origin)!;
    return {
      load: () => call(`inbox ${origin}`, () => rowsOf().load()),
      accept: (_, acceptance) =>
        call(`accept ${origin} ${acceptance.frontier.size}`, async () => {
          await rowsOf().accept(origin, acceptance);
          // Planted `lost-inbox-row`: one of the rows is not there in the end.
          if (world.has('lost-inbox-row') && world.random.chance(0.1)) rowsOf().entries.splice(-1);
        }),
      keep: async (_, evidence) => {
        if (world.has('fork-ignored')) return;
        await call(`keep ${evidence.kind} of ${origin}`, () => rowsOf().keep(origin, evidence));
        if (evidence.kind !== 'fork' || !evidence.held) return;
        const { note, held, prefix } = evidence;
        premises.forks.push({ origin, file: writeFork({ origin, notes: [held, note], ...(prefix && { prefix }) }) });
      },
      stop: (_, message) =>
        world.has('fork-ignored') ? Promise.resolve() : call(`stop ${origin}`, () => rowsOf().stop(origin, message)),
    };
  }

  /** Planted `role-by-clients-word`, `unit-by-clients-word`: whoever asks says himself what he may. */
  private believed(who: Person, decider: AnyDecider, command: { readonly type: string }): Person {
    const { world } = this;
    const said = permissions[`${decider.name}.${command.type}`]?.[0];
    if (world.has('role-by-clients-word') && said) return { ...who, role: said };
    return world.has('unit-by-clients-word') ? { ...who, sees: 'all' } : who;
  }

  /** What a network, a disk or a database may do to anybody is waited out. */
  private async tolerant(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.world.plants.size > 0 || isWeather(error)) return;
      throw error;
    }
  }
}

function isWeather(error: unknown): boolean {
  const expected = [Unavailable, Unreachable, NoteFault, BadFile, Lost];
  if (expected.some((kind) => error instanceof kind)) return true;
  const { code } = error as { code?: string };
  // A refusal that means "not now".
  return code === 'ENOSPC' || code === 'service.unavailable' || code === 'revision.busy';
}
