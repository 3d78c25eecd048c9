// What goes wrong from outside: power, disks, databases, links, clocks, and an agency that lies. Which of it, and how bad,
// differs from seed to seed, so that some runs are calm and some are not.
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { flipped } from './disk';
import { Program } from './scheduler';
import type { World } from './world';

const day = 86_400_000;
const relaySteps = ['before-entries', 'entries', 'files', 'checked', 'signed', 'checkpoint', 'told', 'marked'] as const;

export class Nemesis {
  readonly program = new Program('nemesis');
  private unlucky: Agency | undefined;
  private readonly deeds: (() => void)[];

  constructor(private readonly world: World) {
    const { random, scheduler } = world;
    const all: readonly (() => void)[] = [
      () => this.crash(false),
      () => this.crash(true),
      () => this.pull(),
      () => this.loseMachine(),
      () => this.fillDisk(),
      () => this.takeDatabase(),
      () => this.cutLink(),
      () => this.weather(),
      () => this.jumpClock(),
      () => this.lie(),
    ];
    this.deeds = all.filter(() => random.chance(0.6));
    scheduler.repeat({
      program: this.program,
      label: 'acts',
      weight: 2 + random.below(4),
      work: async () => this.act(),
    });
  }

  private act(): void {
    const { random } = this.world;
    // Somebody looks after it, too.
    if (random.chance(0.5) || this.deeds.length === 0) return this.mend();
    random.pick(this.deeds)();
  }

  private crash(power: boolean): void {
    const agency = this.any();
    this.world.kill(agency, power);
    if (this.world.random.chance(0.7)) this.world.start(agency);
  }

  /** A service dies at the next moment of its relay that has this name. */
  private pull(): void {
    const { random, premises } = this.world;
    premises[this.any()].pull = { step: random.pick(relaySteps), power: random.chance(0.5) };
  }

  /** One agency a run is backed up, loses its machine some time later, and comes back as it was. */
  private loseMachine(): void {
    const { world } = this;
    if (!world.losesMachines) return;
    const agency = (this.unlucky ??= this.any());
    const premises = world.premises[agency];
    if (world.liars.has(agency) || premises.restores > 0) return;
    if (!premises.backedUp) return premises.backUp();
    if (world.random.chance(0.3)) world.loseMachine(agency);
  }

  private fillDisk(): void {
    this.world.premises[this.any()].disk.full = true;
  }

  private takeDatabase(): void {
    this.world.premises[this.any()].away = true;
  }

  private cutLink(): void {
    const { random, network } = this.world;
    const [from, to] = [this.any(), random.pick([...agencies, 'auditor'])];
    network.separate(from, to);
    if (random.chance(0.7)) network.separate(to, from);
  }

  private weather(): void {
    const { random, network, weather, premises } = this.world;
    network.weather = { loss: random.pick([0, 0.05, 0.3]), damage: random.pick([0, 0.05, 0.2]) };
    weather.refused = random.pick([0, 0.02, 0.05]);
    weather.unanswered = random.pick([0, 0.02, 0.05]);
    weather.damagedRows = random.pick([0, 0, 0.2]);
    weather.aged = random.pick([0, 0.1, 0.5]);
    const damagedFiles = random.pick([0, 0, 0.02]);
    for (const agency of agencies) {
      premises[agency].disk.damage = (bytes) => (random.chance(damagedFiles) ? flipped(bytes, random) : bytes);
    }
  }

  private jumpClock(): void {
    const { random, premises } = this.world;
    premises[this.any()].clockOff = random.pick([0, 3 * day, -3 * day, day / 24, -day / 24]);
  }

  /** One agency a run shows one other another history for a while. */
  private lie(): void {
    const { world } = this;
    const liar = world.liars.values().next().value ?? this.any();
    const to = world.random.pick(agencies.filter((each) => each !== liar));
    if (liar === this.unlucky || world.liars.size > 0 || !world.feeds.lie(liar, to)) return world.feeds.lies.clear();
    world.liars.add(liar);
  }

  private mend(): void {
    const { random, network } = this.world;
    const agency = this.any();
    const premises = this.world.premises[agency];
    premises.disk.full = false;
    premises.away = false;
    if (random.chance(0.5)) network.heal();
    for (const each of agencies) if (each === agency || random.chance(0.5)) this.world.restore(each);
  }

  private any(): Agency {
    return this.world.random.pick(agencies);
  }
}
