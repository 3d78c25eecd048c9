// The relay as the product runs it: its very loop (libs/chassis/relay-loop.ts), lease, tables and publication, on a
// simulated store, database, disk and time. It may die between any two of its steps. What a planted fault changes is what
// the loop stands on, never its own code.
import type { RecordedEvent } from '#store/event-store';
import type { Publisher } from '#chassis/publishing';
import type { RelayStep } from '#chassis/relay-fault';
import { takeLease } from '#chassis/relay-lease';
import { runRelay } from '#chassis/relay-loop';
import { silent } from '#chassis/relay-sample';
import { folderOn } from './disk';
import { leasesOf } from './leases';
import { logKeys } from './parties';
import type { Premises } from './place';
import type { DatabaseCall } from './ports';
import { readerOf, relaySql } from './ports';
import type { Program } from './scheduler';
import type { World } from './world';

/** As startRelay of libs/chassis/relay.ts. */
const leaseWaitMs = 15_000;

export class RelayRun {
  /** The log is recovered and visible. */
  ready = false;
  private begun = false;
  /** Number of stored events when it looked last. */
  private looked = 0;
  /** Planted `relay-skips-on-error`: last position of the batch at which the loop gave up. */
  private failedAt = 0n;
  /** Lets the loop go on that waits for events; told when it waits again. */
  private wake: (() => void) | undefined;
  private rests: (() => void)[] = [];

  constructor(
    private readonly world: World,
    private readonly premises: Premises,
    private readonly program: Program,
    private readonly call: DatabaseCall,
    private readonly publish: Publisher,
  ) {}

  /** Does the store hold what it has not looked at? */
  isBehind(): boolean {
    return !this.begun || (this.wake !== undefined && this.looked < this.premises.appends.size);
  }

  /** Begins it, or tells it that the store may hold something new. Resolves when it waits for the next, or is ready. */
  async turn(): Promise<void> {
    const rested = new Promise<void>((resolve) => this.rests.push(resolve));
    if (!this.begun) this.begin();
    else if (this.wake) this.wake();
    else return;
    await rested;
  }

  private begin(): void {
    const { world, premises, program, publish } = this;
    this.begun = true;
    const parts = {
      ...{
        publish,
        origin: premises.origin,
        signer: logKeys[premises.agency],
        clock: () => premises.now(),
        log: silent,
      },
      crash: (step: RelayStep) => this.mayDie(step),
      onFatal: (error: Error) => this.ended(error),
    };
    const leases = leasesOf(premises, program, this.call, relaySql(world, premises, this.call), world);
    const pause = (milliseconds: number) => world.scheduler.pause(program, milliseconds);
    const starting = runRelay(parts, {
      store: { subscribeAll: ({ after, signal }) => this.events(after ?? 0n, signal) },
      takeLease: (signal) => takeLease(leases, premises.origin, signal, leaseWaitMs, pause),
      files: () => this.folder(),
      pause: async (milliseconds) => {
        this.rest();
        await pause(milliseconds);
      },
      milliseconds: () => world.scheduler.milliseconds,
      tell: () => undefined,
    });
    starting.then(
      () => void (this.ready = true),
      (error: Error) => this.ended(error),
    );
  }

  /** What the store holds, batch by batch, as it comes to hold it. */
  private async *events(after: bigint, signal: AbortSignal | undefined): AsyncGenerator<readonly RecordedEvent[]> {
    const { world, premises } = this;
    const read = readerOf(premises, this.call);
    // Planted `relay-skips-on-error`: what could not be written is passed over.
    const skips = world.has('relay-skips-on-error');
    let cursor = skips && this.failedAt > after ? this.failedAt : after;
    while (!signal?.aborted) {
      this.looked = premises.appends.size;
      const events = await read(cursor);
      const last = events.at(-1)?.position;
      if (last !== undefined) {
        const before = this.failedAt;
        this.failedAt = last;
        yield planted(world, premises, events);
        [cursor, this.failedAt] = [last, before];
        continue;
      }
      const news = new Promise<void>((resolve) => (this.wake = resolve));
      this.rest();
      await news;
      this.wake = undefined;
    }
  }

  private folder() {
    const { world, premises, program } = this;
    const { disk } = premises;
    return folderOn(disk, premises.origin, {
      call: (label, effect) => world.scheduler.call(program, label, effect),
      // Planted `published-before-read-back`: the relay reads what it wrote from its own memory.
      seen: (path, onDisk) => (world.has('published-before-read-back') ? (disk.intended.get(path) ?? onDisk) : onDisk),
    });
  }

  /** The power goes at the very step that somebody has chosen. */
  private mayDie(step: RelayStep): Promise<void> | void {
    const { world, premises, program } = this;
    const { pull } = premises;
    if (pull?.step !== step || !program.alive) return;
    premises.pull = undefined;
    world.scheduler.note(`${premises.agency} is cut off after: ${step}`);
    world.kill(premises.agency, pull.power);
    return new Promise(() => undefined);
  }

  /** It has stopped for good: so does the service, as with `onFatal` in libs/chassis/assemble.ts. */
  private ended(error: Error): void {
    this.rest();
    // Planted `two-relays-without-lease`: neither sees that the other has spoilt what it builds on.
    if (this.world.has('two-relays-without-lease')) this.begun = false;
    else this.world.fatal(this.premises.agency, error.message);
  }

  private rest(): void {
    for (const rested of this.rests.splice(0)) rested();
  }
}

function planted(world: World, premises: Premises, events: RecordedEvent[]): RecordedEvent[] {
  const { random } = world;
  const [last, before] = [events.at(-1), events.at(-2)];
  if (last && before && before.stream !== last.stream) {
    // Planted `naive-cursor`: the last but one is not committed yet, and the cursor passes it.
    if (world.has('naive-cursor') && random.chance(0.3)) return events.filter((event) => event !== before);
    // Planted `xmin-position-cursor`: the same, but only where two appends overlapped.
    const apart = (premises.appends.get(last.id) ?? 0) - (premises.appends.get(before.id) ?? 0);
    const overlapped = apart === 1 && world.overlapped(premises, last.id);
    if (world.has('xmin-position-cursor') && overlapped) return events.filter((event) => event !== before);
  }
  // Planted `clock-ordering`: a batch is brought into the order of its authors' clocks.
  if (world.has('clock-ordering')) {
    const asked = (event: RecordedEvent): number => world.askedAt.get(event.meta.commandId) ?? 0;
    return [...events].sort((a, b) => asked(a) - asked(b));
  }
  return events;
}
