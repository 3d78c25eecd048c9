// States of aggregates, folded once and then only brought up to date: what is asked of a long stream reads what is new
// in it, not all of it again. To load is to ask the store, so another process's events are never overlooked; what is
// merely remembered may be behind, and is good for an append that names its revision.
import type { AnyDecider } from '#kernel/decider';
import { UnknownEventType } from '#kernel/decider';
import type { Appended, EventStore } from '#store/event-store';
import { StreamNotFound } from '#store/event-store';
import { Turns } from './turns';

/** What a command has already caused, when it is asked again. */
export type Earlier = Appended & { readonly by: string };

export type Folded = {
  readonly state: unknown;
  /** Last revision; undefined when the stream has no event yet. */
  readonly revision: bigint | undefined;
  readonly position: bigint;
  /** The last event of each command, by command id. */
  readonly commands: ReadonlyMap<string, Earlier>;
};

type Happened = { readonly type: string; readonly data: object };
type Taken = Appended & { readonly command: { readonly id: string; readonly by: string } };

/** Enough for what is worked on in an hour; a state that fell out is folded from its stream again. */
const most = 2_000;

export class Folds {
  /** Oldest use first, as a Map keeps its keys. */
  private readonly kept = new Map<string, Folded>();
  private readonly turns = new Turns();

  constructor(private readonly store: Pick<EventStore, 'readStream'>) {}

  /** @throws UnknownEventType, Unavailable */
  async load(decider: AnyDecider, stream: string): Promise<Folded> {
    const known = this.kept.get(stream);
    const from = known?.revision === undefined ? 0n : known.revision + 1n;
    let { state, revision, position } = known ?? { state: decider.initial, revision: undefined, position: 0n };
    const commands = known ? (known.commands as Map<string, Earlier>) : new Map<string, Earlier>();
    try {
      for await (const event of this.store.readStream(stream, { from })) {
        state = decider.evolve(state, { type: event.type, data: event.data });
        if (state === undefined) throw new UnknownEventType(decider.name, event.type);
        ({ revision, position } = event);
        commands.set(event.meta.commandId, { revision, position, by: event.meta.actor.id });
      }
    } catch (error) {
      this.kept.delete(stream);
      if (!(error instanceof StreamNotFound)) throw error;
      return { state: decider.initial, revision: undefined, position: 0n, commands: new Map() };
    }
    const folded = { state, revision, position, commands };
    this.keep(stream, folded);
    return folded;
  }

  /** The state as last known, without asking the store; undefined when none is kept. */
  remembered(stream: string): Folded | undefined {
    return this.kept.get(stream);
  }

  /** Keeps the state after events that the store has taken at the revision after `before`. */
  goOn(decider: AnyDecider, stream: string, before: Folded, events: readonly Happened[], appended: Taken): void {
    const { revision, position, command } = appended;
    // A repeated append is answered with the place that its events have had for long: others may stand between.
    if (revision !== (before.revision ?? -1n) + BigInt(events.length)) return this.forget(stream);
    let { state } = before;
    for (const { type, data } of events) {
      // As it will be read: members without a value are not stored.
      state = decider.evolve(state, { type, data: JSON.parse(JSON.stringify(data)) });
      if (state === undefined) return this.forget(stream);
    }
    const commands = before.commands as Map<string, Earlier>;
    commands.set(command.id, { revision, position, by: command.by });
    this.keep(stream, { state, revision, position, commands });
  }

  forget(stream: string): void {
    this.kept.delete(stream);
  }

  /** Runs one after the other what is asked of one stream: those in this process never collide with each other. */
  inTurn<T>(stream: string, work: () => Promise<T>): Promise<T> {
    return this.turns.inTurn(stream, work);
  }

  private keep(stream: string, folded: Folded): void {
    this.kept.delete(stream);
    this.kept.set(stream, folded);
    for (const oldest of this.kept.keys()) {
      if (this.kept.size <= most) return;
      this.kept.delete(oldest);
    }
  }
}
