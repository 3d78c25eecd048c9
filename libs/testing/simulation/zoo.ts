// What must find which planted fault, and within how many seeds. A fault that is found by another rule alone counts as
// missed: then the check made for it has gone blind.
import { check } from './checker/check';
import type { Finding, RuleName } from './checker/finding';
import type { Plant } from './plants';
import { simulate } from './simulation';

/** Rules of which any one that finds the fault is the one made for it. */
export const foundBy: Readonly<Record<Plant, readonly RuleName[]>> = {
  'naive-cursor': ['C4'],
  'xmin-position-cursor': ['C4'],
  'clock-ordering': ['C4'],
  'dirty-read': ['C7'],
  'relay-skips-on-error': ['C4'],
  'commit-offset-first': ['C5'],
  'dedupe-by-offset': ['C5'],
  'apply-twice-after-crash': ['C5'],
  'view-skips-on-error': ['C5'],
  'fold-with-wall-clock': ['C5'],
  'view-reads-own-clock': ['C5'],
  'lost-inbox-row': ['C5'],
  'gap-skip': ['C5'],
  // What nobody has proven may also be one of two histories that nobody can prove later.
  'unproven-accepted': ['C3', 'C5'],
  'older-checkpoint-accepted': ['C5', 'C6'],
  'fork-ignored': ['C3'],
  'non-atomic-witness': ['C3'],
  'witness-signs-unheld': ['C3'],
  'final-from-one-witness': ['C3'],
  'signed-before-durable': ['C3'],
  'published-before-read-back': ['C3'],
  'stored-bytes-not-rehashed': ['C3', 'C4'],
  'two-relays-without-lease': ['C3', 'C4'],
  'restored-backup-signs': ['C3'],
  'ack-before-append': ['C1'],
  'idempotence-key-forgotten': ['C1'],
  'retry-with-new-ids': ['C1'],
  'last-writer-wins': ['C2'],
  'partial-batch-visible': ['C7'],
  'role-by-clients-word': ['C8'],
  'unit-by-clients-word': ['C8'],
  'secret-published': ['C9'],
  'account-published': ['C9'],
  'stale-read': ['C7'],
  'lagging-replica': ['C7'],
  'seen-as-announced': ['C6'],
  'start-asks-nobody': ['C3'],
};

export const mostSeeds = 80;
/** Where the search begins for a fault that seldom shows: nothing of it is in earlier seeds. */
const firstSeeds: Partial<Readonly<Record<Plant, number>>> = { 'non-atomic-witness': 70 };

export type Found = { readonly plant: Plant; readonly seed: number; readonly finding: Finding };

/** @returns undefined when no seed shows it to the rule that is made for it */
export async function find(plant: Plant, seeds = mostSeeds): Promise<Found | undefined> {
  const first = firstSeeds[plant] ?? 1;
  for (let seed = first; seed < first + seeds; seed++) {
    const { run } = await simulate({ seed, plants: new Set([plant]) });
    const finding = check(run).find(({ rule }) => foundBy[plant].includes(rule));
    if (finding) return { plant, seed, finding };
  }
  return undefined;
}
