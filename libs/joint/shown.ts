// Published events with their contract's type on their data, so that a fold over them is checked by the compiler.
import type { Published } from '#kernel/envelope';
import type { PublishedData, PublishedType } from '#contracts/events';
import { isPublishedType } from '#contracts/events';

/** One union member per published type. */
export type Shown = { [Type in PublishedType]: Published<Type, PublishedData<Type>> }[PublishedType];

/**
 * The event as its contract describes it. An agency speaks only for itself: undefined for a type that is unknown, or
 * that belongs to another agency than the one whose log it stands in.
 */
export function shown(event: Published): Shown | undefined {
  return isPublishedType(event.type) && event.type.startsWith(`${event.agency}.`) ? (event as Shown) : undefined;
}
