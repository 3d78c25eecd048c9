// A reactor turns what happened into what is asked next: a pure function, fed in order, at least once. The command id
// of each request is derived from the cause and the reactor, so a repetition changes nothing (contexts.md section 3).
import type { JsonObject } from './canonical-json';
import type { AnyDecider } from './decider';
import type { Actor, Published } from './envelope';

export type Asked = { readonly decider: AnyDecider; readonly id: string; readonly command: { readonly type: string } };

/** An agency's own stored event as its reactors and publishing rules see it. */
export type Within<Data = JsonObject> = {
  readonly id: string;
  /** Aggregate id: the stream's name without its category. */
  readonly subject: string;
  readonly type: string;
  readonly at: string;
  readonly actor: Actor;
  readonly data: Data;
};

export interface Reactor {
  readonly name: string;
  /** By published type, whichever agency's log it comes from, the own one included. */
  readonly on?: { readonly [publishedType: string]: (event: Published<string, any>) => readonly Asked[] };
  /** By `<decider>.<InternalType>`: the agency's own events, before publication. */
  readonly within?: { readonly [internalType: string]: (event: Within<any>) => readonly Asked[] };
}

/** What of a decider's events the others may know. What is not listed stays in this agency. */
export interface Publishing {
  readonly decider: string;
  readonly map: {
    readonly [internalType: string]: (
      event: Within<any>,
    ) => { readonly type: string; readonly data: object } | undefined;
  };
}
