// Events as the stores get them: some 695 bytes of Chinese domain JSON each, with the meta data that every event of an
// agency has. Streams of ten, like an issue's.
import { randomUUID } from 'node:crypto';
import type { NewEvent } from '#store/event-store';
import { numbersOf, text } from './chinese';

export const streamLength = 10;

const bodies = Array.from({ length: 256 }, (_, n) => {
  const next = numbersOf(n);
  return { text: text(next, 238), no: n };
});

export const meanBodyBytes = Math.round(
  bodies.reduce((sum, body) => sum + Buffer.byteLength(JSON.stringify(body)), 0) / bodies.length,
);

export function newEvent(n: number, id: string = randomUUID()): NewEvent {
  const actor = { agency: 'inspection', id: 'a-17', name: '李某', role: 'taskOwner', unit: 'u-12' } as const;
  const seen = { 'commission.example/events/v1': 1_200, 'organization.example/events/v1': 310 };
  const meta = { actor, commandId: id, seen, salt: 'bm90LWEtc2VjcmV0LXNhbHQ' };
  return { id, type: 'ProgressReported', data: bodies[n % bodies.length] as object as NewEvent['data'], meta };
}
