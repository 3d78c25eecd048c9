// What happens to an Ask: rights, load, decide, append, and once more when somebody was faster. Knows nothing of Nest.
import { createHmac } from 'node:crypto';
import type { AnyDecider } from '#kernel/decider';
import { Refused, UnknownEventType } from '#kernel/decider';
import type { Basis, EventMeta, Seen } from '#kernel/envelope';
import type { Done } from '#contracts/answers';
import { may } from '#contracts/roles';
import type { ActingRole } from '#contracts/roles';
import type { Appended, EventStore, NewEvent } from '#store/event-store';
import { NotStorable, TooLarge, Unavailable, WrongExpectedRevision } from '#store/event-store';
import type { Ask, AskMeta } from './ask';
import { civilDateAt } from './clock';
import type { Clock } from './clock';
import { Folds } from './folds';
import type { Folded } from './folds';
import { eventIdOf, isUuid } from './ids';
import { actorOf, seesUnit } from './person';

const attempts = 5;

export type AskingOptions = {
  readonly store: Pick<EventStore, 'append' | 'readStream'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Verified sizes of the peers' logs at this moment: what the author could know. His cause he has seen. */
  readonly seen: (cause: Basis | undefined) => Seen;
  /** Seals what only some agencies may read. @throws Refused */
  readonly seal?: (stream: string, event: NewEvent) => Promise<NewEvent>;
  /** Secret of the agency from which the salt of each event is derived; never leaves it. */
  readonly commitKey: Uint8Array;
  /** In the profile gm each entry carries an SM3 digest. */
  readonly digest?: 'sm3' | undefined;
  /** Told of each answer: `ok`, `repeated`, `nothing` or the refusal's code. */
  readonly onOutcome?: (decider: string, command: string, outcome: string) => void;
  /** Told how long the store took over an append, in seconds. */
  readonly onAppend?: (seconds: number) => void;
};

type Answered = { readonly done: Done; readonly outcome: string };
type Decided = readonly { readonly type: string; readonly data: object }[];

export class Asking {
  private readonly folds: Folds;

  constructor(private readonly options: AskingOptions) {
    this.folds = new Folds(options.store);
  }

  /** @throws Refused, with a code of messages.zh.ts */
  async ask(ask: Ask): Promise<Done> {
    const told = (outcome: string): void => this.options.onOutcome?.(ask.decider.name, ask.command.type, outcome);
    try {
      const stream = streamOf(ask.decider, ask.id);
      const { done, outcome } = await this.folds.inTurn(stream, () => this.attempt(ask));
      told(outcome);
      return done;
    } catch (error) {
      const refusal = refusalOf(error);
      told(refusal instanceof Refused ? refusal.code : 'service.fault');
      throw refusal;
    }
  }

  /** Folds an aggregate. @throws UnknownEventType, Unavailable */
  load(decider: AnyDecider, id: string): Promise<Folded> {
    return this.folds.load(decider, streamOf(decider, id));
  }

  private async attempt(ask: Ask): Promise<Answered> {
    const { decider, command, id, meta } = ask;
    if (!isUuid(meta.commandId)) throw new Refused('input.command');
    if (!may(meta.who.role as ActingRole, `${decider.name}.${command.type}`)) throw new Refused('rights.role');
    // What is remembered may be behind the store. An append names its revision and so finds that out; whatever appends
    // nothing is asked again of the store. A stale memory costs a second try and never gives an answer. That a command
    // which another process took is met here unread cannot be: while this one serves, it alone holds the log's lease.
    const remembered = this.folds.remembered(streamOf(decider, id));
    const done =
      remembered &&
      (await this.appended(
        ask,
        remembered,
        unlessRefused(() => this.judged(ask, remembered)),
      ));
    if (done) return done;
    for (let tries = 0; tries < attempts; tries += 1) {
      if (tries > 0) await pause(meta.commandId, tries);
      const loaded = await this.load(decider, id);
      const judged = this.judged(ask, loaded);
      if ('done' in judged) return judged;
      const appended = await this.appended(ask, loaded, judged);
      if (appended) return appended;
    }
    throw new Refused('revision.busy');
  }

  /** What a state says to a command: an answer, or events to append. @throws Refused */
  private judged({ decider, command, id, meta }: Ask, loaded: Folded): Answered | { readonly events: Decided } {
    demandUnit(decider, loaded.state, meta);
    const earlier = loaded.commands.get(meta.commandId);
    if (earlier) {
      // The same id from somebody else is no repetition, and the answer is not his to have.
      if (earlier.by !== meta.who.id) throw new Refused('input.command');
      return { done: doneOf(id, earlier), outcome: 'repeated' };
    }
    demandFresh(loaded, meta);
    const at = this.options.clock.now();
    const given = { by: actorOf(meta.who), at, today: civilDateAt(at) };
    const events = decider.decide(command, loaded.state, given) as Decided;
    if (events.length > 0) return { events };
    const unchanged = { revision: loaded.revision ?? -1n, position: loaded.position };
    return { done: doneOf(id, unchanged), outcome: 'nothing' };
  }

  /** @returns undefined when there is nothing to append, or somebody else appended first */
  private async appended(
    ask: Ask,
    loaded: Folded,
    judged: ReturnType<Asking['judged']> | undefined,
  ): Promise<Answered | undefined> {
    if (!judged || 'done' in judged) return undefined;
    const { decider, id, meta } = ask;
    const appended = await this.append(ask, judged.events, loaded.revision);
    if (!appended) return undefined;
    const command = { id: meta.commandId, by: meta.who.id };
    this.folds.goOn(decider, streamOf(decider, id), loaded, judged.events, { ...appended, command });
    return { done: doneOf(id, appended), outcome: 'ok' };
  }

  /** @returns undefined when somebody else appended first: the rules must be asked again, on the newer state. */
  private async append(ask: Ask, events: Decided, revision: bigint | undefined): Promise<Appended | undefined> {
    const stream = streamOf(ask.decider, ask.id);
    const seen = this.options.seen(ask.meta.cause);
    const drafts = events.map((event, n) => this.newEvent(ask, stream, event, n, seen));
    const { seal } = this.options;
    const rows = seal ? await Promise.all(drafts.map((draft) => seal(stream, draft))) : drafts;
    const started = performance.now();
    try {
      return await this.options.store.append(stream, rows, revision ?? 'no_stream');
    } catch (error) {
      // Taken or not, nobody knows: the next command must read what became of it, not go on from memory.
      this.folds.forget(stream);
      if (error instanceof WrongExpectedRevision) return undefined;
      throw error;
    } finally {
      this.options.onAppend?.((performance.now() - started) / 1000);
    }
  }

  private newEvent(ask: Ask, stream: string, event: { type: string; data: object }, n: number, seen: Seen): NewEvent {
    const { who, commandId, cause } = ask.meta;
    const id = eventIdOf(stream, commandId, n);
    // Derived, not drawn: a repeated append carries the same bytes, and so the same published commitment.
    const salt = createHmac('sha256', this.options.commitKey).update(id).digest().subarray(0, 16).toString('base64url');
    const { digest } = this.options;
    const more = { ...(cause && { cause }), ...(digest && { digest }) };
    const meta: EventMeta = { actor: actorOf(who), commandId, ...more, seen, salt };
    return { id, type: event.type, data: event.data as NewEvent['data'], meta };
  }
}

export function streamOf(decider: AnyDecider, id: string): string {
  return `${decider.name}-${id}`;
}

/** @throws Refused `rights.unit`: accounts of a unit must not even learn that the record exists. */
export function demandUnit(decider: AnyDecider, state: unknown, meta: Pick<AskMeta, 'who'>): void {
  if (decider.unit && !seesUnit(meta.who, decider.unit(state))) throw new Refused('rights.unit');
}

function unlessRefused<T>(judge: () => T): T | undefined {
  try {
    return judge();
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function demandFresh(loaded: Folded, { expectedRevision }: AskMeta): void {
  if (expectedRevision === undefined) return;
  if (BigInt(expectedRevision) !== (loaded.revision ?? -1n)) throw new Refused('revision.stale');
}

function doneOf(id: string, { revision, position }: Appended): Done {
  return { id, position: position.toString(), revision: Number(revision) };
}

/** What the store or the fold could not do, as a refusal with a remedy; everything else is a fault and stays one. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof TooLarge) return new Refused('input.tooLarge', { limit: '1 MB' });
  if (error instanceof NotStorable) return new Refused('input.fields', { count: 1 });
  if (error instanceof Unavailable) return new Refused('service.unavailable');
  if (error instanceof UnknownEventType) return new Refused('service.parked');
  return error;
}

/** Spreads those who collide, each by its own command id, so that they do not collide again. */
function pause(commandId: string, tries: number): Promise<void> {
  const spread = parseInt(commandId.slice(0, 4), 16) / 0xffff;
  return new Promise((resolve) => setTimeout(resolve, tries * (1 + 8 * spread)));
}
