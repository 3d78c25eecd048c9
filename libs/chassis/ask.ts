// The one command on Nest's CommandBus. Whatever anybody wants to happen, person or reactor, is an Ask: so rights,
// idempotency, retry and what the author had seen are dealt with in one place (asking.ts) and cannot be forgotten.
import { Command } from '@nestjs/cqrs';
import type { AnyDecider } from '#kernel/decider';
import type { Actor, Basis } from '#kernel/envelope';
import type { Done } from '#contracts/answers';
import type { Person } from './person';

export type AskMeta = {
  readonly who: Person | Actor;
  /** UUID made by whoever asks: asked twice, it happens once. */
  readonly commandId: string;
  readonly cause?: Basis;
  /** Revision the author looked at; refused as stale when the record has moved on since. */
  readonly expectedRevision?: number;
};

export class Ask<C extends { type: string } = { type: string }> extends Command<Done> {
  constructor(
    readonly decider: AnyDecider,
    readonly id: string,
    readonly command: C,
    readonly meta: AskMeta,
  ) {
    super();
  }
}
