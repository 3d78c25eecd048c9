// Three agencies, an outsider, their people, and what goes wrong: all of it out of one seed.
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import type { Appended, Expected, NewEvent } from '#store/event-store';
import { AuditorRun } from './auditor-run';
import { Client } from './clients';
import { Feeds } from './feed';
import { Nemesis } from './nemesis';
import { Network, Unreachable } from './network';
import { Premises } from './place';
import type { Plant, Plants } from './plants';
import { Random } from './random';
import { originOf } from './parties';
import { listOf, Recorder } from './recorder';
import { operate, restoreOlder } from './restore';
import { Scheduler } from './scheduler';
import { scriptsOf } from './scripts';
import { Service } from './service';

export class World {
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly feeds: Feeds;
  readonly recorder = new Recorder();
  readonly premises: Readonly<Record<Agency, Premises>>;
  readonly services = new Map<Agency, Service>();
  readonly auditor: AuditorRun;
  /** Probabilities of what databases do. */
  readonly weather = { refused: 0, unanswered: 0, damagedRows: 0, aged: 0 };
  readonly liars = new Set<Agency>();
  /** When a command was asked, by its author's clock. */
  readonly askedAt = new Map<string, number>();
  /** Why a service gave up, until somebody looked after it. */
  readonly gaveUp = new Map<Agency, string>();
  private starts = 0;
  private readonly clients: readonly Client[];
  private readonly nemesis: Nemesis;
  private goingBack: Promise<unknown> | undefined;

  constructor(
    seed: number,
    readonly plants: Plants,
    traced: boolean,
    private readonly backups: boolean,
  ) {
    this.random = new Random(seed);
    this.scheduler = new Scheduler(this.random, traced);
    this.network = new Network(this.scheduler, this.random);
    this.feeds = new Feeds(this);
    const make = (agency: Agency): Premises => new Premises(agency, this.scheduler);
    this.premises = {
      commission: make('commission'),
      organization: make('organization'),
      inspection: make('inspection'),
    };
    for (const agency of agencies) {
      this.premises[agency].tables.unique = !this.has('two-relays-without-lease');
      this.start(agency);
    }
    const scripts = scriptsOf(this.random);
    const client = (agency: Agency, name: string) => new Client(this, agency, name, scripts);
    this.clients = [
      ...['s1', 's2', 's3', 's4'].map((name) => client('inspection', name)),
      client('commission', 's5'),
      client('organization', 's6'),
    ];
    this.auditor = new AuditorRun(this);
    this.nemesis = new Nemesis(this);
  }

  async step(): Promise<void> {
    await this.scheduler.step();
    await this.goingBack;
    const { agency } = this.premises[this.random.pick(agencies)];
    if (this.goesBack && this.random.chance(0.02)) this.premises[agency].backUp();
  }

  /** Whatever was wrong outside is put right, and people go home. */
  heal(): void {
    this.network.heal();
    this.feeds.lies.clear();
    Object.assign(this.weather, { refused: 0, unanswered: 0, damagedRows: 0, aged: 0 });
    for (const agency of agencies) {
      const premises = this.premises[agency];
      Object.assign(premises, { away: false, clockOff: 0, pull: undefined });
      Object.assign(premises.disk, { full: false, damage: (bytes: Uint8Array) => bytes });
    }
    this.scheduler.end(this.nemesis.program);
    for (const client of this.clients) this.scheduler.end(client.program);
  }

  /** The outsider reads everything once more; then all that still waits is let go. */
  async close(): Promise<void> {
    await this.scheduler.alone(() => this.auditor.auditAll());
    for (const service of this.services.values()) this.scheduler.kill(service.program, 0);
  }

  has(plant: Plant): boolean {
    return this.plants.has(plant);
  }

  /** Whether older backups come back. */
  get losesMachines(): boolean {
    return this.backups || this.has('start-asks-nobody');
  }

  private get goesBack(): boolean {
    return this.has('signed-before-durable') || this.has('restored-backup-signs');
  }

  /** @param restored by whoever looks after an agency that is an older backup; nobody else starts that */
  start(agency: Agency, restored = false): void {
    if (this.premises[agency].restoring && !restored) return;
    this.scheduler.note(`${agency} starts`);
    this.services.set(agency, new Service(this, this.premises[agency], this.starts++));
  }

  /** @param power whether what the disk had not brought down is lost as well */
  kill(agency: Agency, power: boolean): void {
    const service = this.services.get(agency);
    this.services.delete(agency);
    this.scheduler.note(`${agency} dies${power ? ' with its power' : ''}`);
    if (service?.program.alive) this.scheduler.kill(service.program, 0.5);
    const { disk } = this.premises[agency];
    this.premises[agency].underWay = 0;
    disk.intended.clear();
    if (power) disk.cutPower(this.random);
    this.forget(agency, power);
  }

  /** Were two appends under way at the same time? */
  overlapped(premises: Premises, id: string): boolean {
    return premises.beside.has(id);
  }

  /** Planted `signed-before-durable`, `restored-backup-signs`: after a death the agency is where it once was. */
  private forget(agency: Agency, power: boolean): void {
    if (!this.goesBack) return;
    const forgets = this.has('signed-before-durable')
      ? power
      : this.has('restored-backup-signs') && this.random.chance(0.5);
    if (!forgets) return;
    this.goingBack = this.premises[agency].goBack().then((done) => done && this.scheduler.note(`${agency} goes back`));
  }

  /** The service gives up and ends: people must look after it. */
  fatal(agency: Agency, why: string): void {
    this.scheduler.note(`${agency} gives up: ${why}`);
    this.gaveUp.set(agency, why);
    const { restoring } = this.premises[agency];
    if (restoring) restoring.refused = true;
    this.kill(agency, false);
  }

  /** Somebody repairs what was complained about and starts the service, if it is down. */
  restore(agency: Agency): void {
    if (this.services.has(agency)) return;
    if (this.premises[agency].restoring) return operate(this, this.premises[agency]);
    // Nobody looks for damage that no program has complained about.
    if (this.gaveUp.delete(agency)) for (const repair of this.premises[agency].repairs.splice(0)) repair();
    this.start(agency);
  }

  /** Its service, if it runs and has opened its doors. */
  serving(agency: Agency): Service | undefined {
    const service = this.services.get(agency);
    return service?.program.alive && service.isOpen ? service : undefined;
  }

  /** Could it ask a peer now, and be answered? */
  reaches(agency: Agency, peer: Agency): boolean {
    return this.serving(peer) !== undefined && this.network.joins(agency, peer);
  }

  /** Its machine is lost, and an older backup put back. */
  loseMachine(agency: Agency): void {
    this.kill(agency, false);
    this.goingBack = restoreOlder(this, this.premises[agency]);
  }

  /** @throws Unreachable when its service does not run */
  demandServing(agency: Agency): Service {
    const service = this.serving(agency);
    if (!service) throw new Unreachable(`${agency} does not answer`);
    return service;
  }

  async append(premises: Premises, stream: string, events: readonly NewEvent[], expected: Expected): Promise<Appended> {
    const appended = await premises.store.append(stream, events, expected);
    const fresh = events.map(({ id }) => id).filter((id) => !premises.appends.has(id));
    if (fresh.length === 0) return appended;
    const held = Object.fromEntries(premises.peers.map((peer) => [originOf(peer), premises.held(peer).length]));
    listOf(this.recorder.knew, premises.agency).push(...fresh.map((id) => ({ id, held })));
    const number = (premises.appendCount += 1);
    for (const id of fresh) premises.appends.set(id, number);
    premises.streams.set(stream, [...(premises.streams.get(stream) ?? []), ...fresh]);
    return appended;
  }

  /** Ids of a stream's events, as whoever reads the store sees them. */
  stored(premises: Premises, stream: string): readonly string[] {
    const ids = premises.streams.get(stream) ?? [];
    // Planted `partial-batch-visible`: of the last append only the first event is there already.
    const last = ids.at(-1);
    const partial = this.has('partial-batch-visible') && ids.length > 1 && this.random.chance(0.5);
    if (partial && premises.appends.get(last!) === premises.appends.get(ids.at(-2)!)) return ids.slice(0, -1);
    // Planted `dirty-read`: what is only being written is there as well.
    return this.has('dirty-read') ? [...ids, ...(premises.writing.get(stream) ?? [])] : ids;
  }
}
