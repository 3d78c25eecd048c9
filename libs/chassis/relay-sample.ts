// Events, a publishing rule and a reader of folders for the tests of the relay and of what follows it: the real parts
// around them, with contents that say which event an entry stands for.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { NewEvent } from '#store/event-store';
import { LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { BadFile } from '#tlog/log-reader';
import type { LogSource } from '#tlog/log-reader';
import { bundlePath, tilePath } from '#tlog/tile';
import type { Publisher } from './publishing';

export const sampleOrigin = 'inspection.sanfang.example/events/v1';
export const sampleSigner = signingKey(sampleOrigin, LOG_KEY_TYPE, new Uint8Array(32).fill(7));
export const sampleClock = () => '2026-03-02T01:00:00.000Z';

/** Event number `n`; every third one is of a kind that stays inside. */
export function sampleEvent(n: number): NewEvent {
  return {
    id: `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    type: n % 3 === 2 ? 'DraftSaved' : 'RoundClosed',
    data: { roundId: `round-${n}` },
    meta: {
      actor: { agency: 'inspection', id: 'p-1', name: '张某', role: 'clerk' },
      commandId: `command-${n}`,
      seen: {},
      salt: String(n).padStart(32, '0'),
    },
  };
}

export const samplePublisher: Publisher = ({ type, data }) =>
  type === 'RoundClosed' ? { type: 'inspection.round-closed.v1', data } : undefined;

/** Ids of the published among the first `count` sample events, in order. */
export function samplePublishedIds(count: number): string[] {
  return Array.from({ length: count }, (_, n) => sampleEvent(n))
    .filter(({ type }) => type === 'RoundClosed')
    .map(({ id }) => id);
}

export function folderSource(folder: string): LogSource {
  const read = async (path: string): Promise<Uint8Array> => {
    try {
      return await readFile(join(folder, path));
    } catch (cause) {
      throw new BadFile(`${path} is missing`, { cause });
    }
  };
  return {
    checkpoint: () => read('checkpoint'),
    tile: (level, n, width) => read(tilePath(level, n, width)),
    bundle: (n, width) => read(bundlePath(n, width)),
  };
}

/** Reports nothing. */
export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
