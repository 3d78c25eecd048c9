// Who is killed, and when: any process of a running region, by a seeded choice, so that a failure can be told again.
import { setTimeout as pause } from 'node:timers/promises';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { childrenOf } from '#chassis/postgres/process-table';
import { until } from '../../apps/region/src/scenario';
import { killed, postmasterOf, serviceOf } from './supervised';

/** `backend`: one server process of PostgreSQL, for which the postmaster throws out all others and recovers. */
export type Kind = 'service' | 'postmaster' | 'backend' | 'supervisor';

/** `again` kills a second time while the first restart is still recovering. */
export type Kill = { readonly kind: Kind; readonly agency: Agency; readonly again: boolean };

export type Random = {
  /** A number from 0 up to, not including, `end`. */
  below(end: number): number;
};

/** Mulberry32: small, good enough for choices, the same numbers for the same seed everywhere. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return {
    below(end) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
    },
  };
}

/** Twenty kills of every kind, of every agency, in an order of chance; four of them strike twice. */
export function twenty(random: Random): Kill[] {
  const often: readonly (readonly [Kind, number])[] = [
    ['service', 6],
    ['backend', 7],
    ['postmaster', 5],
    ['supervisor', 2],
  ];
  const kills = often.flatMap(([kind, times]) => Array.from({ length: times }, (_, n) => kill(kind, n, random)));
  for (let last = kills.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [kills[last], kills[other]] = [kills[other] as Kill, kills[last] as Kill];
  }
  return kills;
}

function kill(kind: Kind, n: number, random: Random): Kill {
  const agency = n < agencies.length ? agencies[n] : agencies[random.below(agencies.length)];
  return { kind, agency: agency as Agency, again: n === 0 };
}

/**
 * Kills a process of an agency, and once more what comes after it if so wanted. Does not wait for its recovery.
 * @returns service that must not be the one that serves afterwards; undefined when it may live on
 */
export async function strike(data: string, { kind, agency, again }: Kill, random: Random): Promise<number | undefined> {
  const service = serviceOf(data, agency);
  if (kind === 'service') {
    killed(service);
    if (!again) return service;
    const next = await begun('service', () => serviceOf(data, agency), service);
    await pause(random.below(800));
    killed(next);
    return next;
  }
  const postmaster = postmasterOf(data, agency);
  if (kind === 'postmaster') {
    killed(postmaster);
    if (!again) return service;
    const next = await begun('server', () => postmasterOf(data, agency), postmaster);
    const starting = serviceOf(data, agency);
    await pause(random.below(100));
    killed(next);
    return starting;
  }
  killed(backendOf(postmaster, random));
  if (!again) return undefined;
  await pause(random.below(100));
  // While it recovers the server has few processes, and for a moment none but its postmaster.
  if (!killed(backendOf(postmaster, random))) killed(postmaster);
  return undefined;
}

function backendOf(postmaster: number | undefined, random: Random): number | undefined {
  const backends = postmaster === undefined ? [] : childrenOf(postmaster);
  return backends[random.below(backends.length)];
}

/** The process that takes the place of the one before. */
function begun(what: string, now: () => number | undefined, before: number | undefined): Promise<number> {
  return until(
    `a new ${what} begins`,
    async () => {
      const pid = now();
      return pid === before ? undefined : pid;
    },
    120,
  );
}
