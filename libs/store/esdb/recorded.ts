// Between the port's events and those of the client, and nothing else. A moved event carries the time at which it was
// first recorded, because its published entry and commitment name that time (libs/chassis/moving.ts).
import type { JSONEventType, RecordedEvent as ClientEvent } from '@eventstore/db-client';
import { jsonEvent } from '@eventstore/db-client';
import type { EventMeta } from '#kernel/envelope';
import type { JsonObject } from '#kernel/canonical-json';
import type { RecordedEvent } from '../event-store';
import type { StorableEvent } from '../storable';

/** Beside the members of `meta`, which has none of this name. */
const movedAt = 'recordedAt';
// What an older server says in place of a position that it does not know.
const noPosition = 0xffff_ffff_ffff_ffffn;

export function clientEvent({ id, type, data, meta }: StorableEvent, at?: string) {
  const carried = at === undefined ? {} : { [movedAt]: at };
  return jsonEvent({ id, type, data: JSON.parse(data), metadata: { ...JSON.parse(meta), ...carried } });
}

/** System events are the server's own: links, statistics, metadata. */
export function isSystem({ streamId, type }: { readonly streamId: string; readonly type: string }): boolean {
  return streamId.startsWith('$') || type.startsWith('$');
}

/** @throws Error when the event was not written by this program, or the server is too old to tell positions */
export function recorded(event: ClientEvent<JSONEventType>): RecordedEvent {
  const { id, streamId, revision, type, created } = event;
  const position = event.position?.commit;
  if (position === undefined || position === noPosition) {
    throw new Error('this event store does not tell positions when a stream is read; use version 23.10 or later');
  }
  const { data, metadata } = event as { data: unknown; metadata?: unknown };
  if (!isRecord(data) || !isRecord(metadata)) {
    throw new Error(`event ${id} of ${streamId} is not of this program; give it an event store of its own`);
  }
  const { [movedAt]: at = created.toISOString(), ...meta } = metadata;
  return {
    id,
    type,
    data: data as JsonObject,
    meta: meta as unknown as EventMeta,
    stream: streamId,
    revision,
    position,
    at: String(at),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
