// What a slice hands to `serve`: its rule book's effects outside itself. A new slice is four files and one line of main.ts.
import type { Type } from '@nestjs/common';
import type { Publishing, Reactor } from '#kernel/reactor';
import type { AnyView } from '#kernel/view';
import type { Duty } from './duties';

export interface Slice {
  readonly name: string;
  /** Nest controllers; no rule in them. */
  readonly api?: readonly Type[];
  readonly publishing?: readonly Publishing[];
  readonly views?: readonly AnyView[];
  readonly reactors?: readonly Reactor[];
  readonly duties?: readonly Duty[];
  /** Events by which the bodies of the subject are destroyed that has the aggregate's id. */
  readonly destroys?: readonly { readonly decider: string; readonly event: string }[];
}
