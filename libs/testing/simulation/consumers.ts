// Views and reactors over a simulated database: what one batch changes and how far it was read are stored together, as
// libs/chassis/views and libs/chassis/reactors.ts do. The folds and reactions themselves are the product's.
import type { Entry, Published } from '#kernel/envelope';
import { Refused } from '#kernel/decider';
import type { Asked, Reactor, Within } from '#kernel/reactor';
import { publishedOf } from '#contracts/published';
import type { RecordedEvent } from '#store/event-store';
import { Ask } from '#chassis/ask';
import type { Asking } from '#chassis/asking';
import { uuidFrom } from '#chassis/ids';
import { categoryOf, ownPublished, withinOf } from '#chassis/publishing';
import type { Publisher } from '#chassis/publishing';
import { originOf, reactorsOf, systemOf, views } from './parties';
import type { Premises } from './place';
import type { DatabaseCall } from './ports';
import { readerOf } from './ports';
import { listOf } from './recorder';
import type { ViewRows } from './tables';
import type { World } from './world';

export type Delivered = {
  readonly position: bigint;
  readonly stream: string;
  readonly within?: Within;
  readonly published?: Published;
};

export class Consumers {
  private readonly readOwn: (after: bigint) => Promise<RecordedEvent[]>;
  /** Planted `dedupe-by-offset`: how many were delivered since this program began. */
  private readonly delivered = new Map<string, number>();
  /** Planted `commit-offset-first`, `view-skips-on-error`: the cursor as it was kept. */
  private readonly passed = new Map<string, bigint>();

  constructor(
    private readonly world: World,
    private readonly premises: Premises,
    private readonly call: DatabaseCall,
    private readonly publish: Publisher,
    private readonly asking: Asking,
  ) {
    this.readOwn = readerOf(premises, call);
  }

  /** `own`, then the peers' logs. */
  sources(): string[] {
    return ['own', ...this.premises.peers.map(originOf)];
  }

  /** One batch of one source into all views. */
  async view(source: string): Promise<void> {
    const { world, premises, call } = this;
    const kept = await call(`view cursor ${source}`, () => premises.tables.viewCursors.get(source) ?? 0n);
    const cursor = world.has('view-skips-on-error') ? maxOf(kept, this.passed.get(source)) : kept;
    const events = this.offsetsSeen(source, await this.after(source, cursor));
    const last = events.at(-1)?.position;
    if (last === undefined) return;
    if (world.has('commit-offset-first')) await call('cursor first', () => this.move(source, last));
    const known = events.filter((event) => event.published && !this.ofTheFuture(event));
    // Read, folded and written in one transaction: no other batch of these views comes between.
    const apply = (): void => {
      const rows = this.fold(known);
      for (const [name, changed] of rows) for (const [id, row] of changed) this.rowsOf(name).set(id, row);
    };
    try {
      if (world.has('apply-twice-after-crash')) {
        await call(`view rows ${source}`, apply);
        await call(`view cursor of ${source} moves`, () => this.move(source, last));
        return;
      }
      await call(`view batch ${source}`, () => {
        if ((premises.tables.viewCursors.get(source) ?? 0n) !== kept && !world.has('commit-offset-first')) return;
        apply();
        this.move(source, last);
      });
    } catch (error) {
      // Planted `view-skips-on-error`: what failed is left behind.
      if (world.has('view-skips-on-error')) this.passed.set(source, last);
      throw error;
    }
  }

  /** One batch of one source through one reactor; asked again after a crash, which changes nothing. */
  async react(reactor: Reactor, source: string): Promise<void> {
    const { call, premises } = this;
    const key = `${reactor.name}\n${source}`;
    const cursor = await call(`cursor of ${reactor.name}`, () => premises.tables.reactorCursors.get(key) ?? 0n);
    const events = await this.after(source, cursor);
    const last = events.at(-1)?.position;
    if (last === undefined) return;
    for (const event of events) await this.handle(reactor, event);
    await call(`cursor of ${reactor.name} moves`, () => void premises.tables.reactorCursors.set(key, last));
  }

  reactors(): readonly Reactor[] {
    return reactorsOf[this.premises.agency];
  }

  private async handle(reactor: Reactor, event: Delivered): Promise<void> {
    const { premises, world, call } = this;
    const { parked } = premises.tables;
    const requests = reactionsOf(reactor, event);
    const { agency } = premises;
    const cause = event.published?.address;
    const id = event.published?.id ?? event.within?.id ?? '';
    if (requests.length === 0 || parked.some((each) => each.consumer === reactor.name && each.stream === event.stream))
      return;
    for (const [n, request] of requests.entries()) {
      const commandId = uuidFrom(`${reactor.name}\n${id}\n${n}`);
      const held = Object.fromEntries(premises.peers.map((peer) => [originOf(peer), premises.held(peer).length]));
      listOf(world.recorder.acted, agency).push({ on: id, ...(cause && { cause }), held });
      const meta = { who: systemOf(agency, reactor.name), commandId, ...(cause && { cause }) };
      try {
        await this.asking.ask(new Ask(request.decider, request.id, request.command, meta));
      } catch (error) {
        if (!(error instanceof Refused) || error.code === 'service.unavailable' || error.code === 'revision.busy')
          throw error;
        const why = `${error.code} ${request.command.type}`;
        await call('park', () => void parked.push({ consumer: reactor.name, stream: event.stream, why }));
        return;
      }
    }
  }

  private async after(source: string, cursor: bigint): Promise<Delivered[]> {
    const { premises, publish, call } = this;
    if (source === 'own') {
      const events = await this.readOwn(cursor);
      return events.map((event) => {
        const published = ownPublished(premises.agency, premises.origin, event, publish);
        return {
          position: event.position,
          stream: event.stream,
          within: withinOf(event),
          ...(published && { published }),
        };
      });
    }
    const peer = premises.peers.find((each) => originOf(each) === source)!;
    return call(`inbox of ${source} after ${cursor}`, () =>
      premises
        .held(peer)
        .filter(({ index }) => index >= cursor)
        .map(({ index, bytes, hash }) => {
          const entry = JSON.parse(Buffer.from(bytes).toString('utf8')) as Entry;
          const read = publishedOf(peer, { origin: source, index: Number(index), hash }, entry);
          return { position: index + 1n, stream: entry.stream, ...('flaw' in read ? {} : { published: read }) };
        }),
    );
  }

  private fold(events: readonly Delivered[]): Map<string, ViewRows> {
    const { world, premises } = this;
    const changed = new Map<string, ViewRows>();
    for (const view of views) {
      const rows: ViewRows = new Map();
      changed.set(view.name, rows);
      for (const { published } of events) {
        // Planted `fold-with-wall-clock`: the time of folding stands in the row for the time of the event.
        const event = world.has('fold-with-wall-clock') ? { ...published!, at: premises.now() } : published!;
        for (const id of view.keys(event)) {
          const row = view.evolve(rows.get(id) ?? this.rowsOf(view.name).get(id), event, id);
          if (row) rows.set(id, row);
        }
      }
    }
    return changed;
  }

  private rowsOf(view: string): ViewRows {
    const { views: all } = this.premises.tables;
    const rows = all.get(view) ?? new Map<string, { readonly id: string }>();
    all.set(view, rows);
    return rows;
  }

  private move(source: string, to: bigint): void {
    this.premises.tables.viewCursors.set(source, to);
  }

  /** Planted `view-reads-own-clock`: what an author's clock dates later than one's own is not believed. */
  private ofTheFuture({ published }: Delivered): boolean {
    return this.world.has('view-reads-own-clock') && published!.at > this.premises.now();
  }

  /** Planted `dedupe-by-offset`: known by the transport's number, which begins anew with each connection. */
  private offsetsSeen(source: string, events: Delivered[]): Delivered[] {
    if (!this.world.has('dedupe-by-offset') || source === 'own') return events;
    const { offsets } = this.premises;
    return events.filter((_, n) => {
      const offset = (this.delivered.get(source) ?? 0) + 1;
      this.delivered.set(source, offset);
      const known = offset <= (offsets.get(source) ?? 0);
      offsets.set(source, Math.max(offset, offsets.get(source) ?? 0));
      // The last is let through, so that the cursor passes those before it.
      return !known || n === events.length - 1;
    });
  }
}

function maxOf(a: bigint, b: bigint | undefined): bigint {
  return b !== undefined && b > a ? b : a;
}

function reactionsOf(reactor: Reactor, { within, published, stream }: Delivered): readonly Asked[] {
  return [
    ...((within && reactor.within?.[`${categoryOf(stream)}.${within.type}`]?.(within)) ?? []),
    ...((published && reactor.on?.[published.type]?.(published)) ?? []),
  ];
}
