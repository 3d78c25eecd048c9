// Faults that can be planted in the simulated world: in its ports, or in place of a part of the product. Each was made in
// some real system. What each does is said where it is planted; what must find it is said in zoo.ts.

export const plantNames = [
  'naive-cursor',
  'xmin-position-cursor',
  'clock-ordering',
  'dirty-read',
  'relay-skips-on-error',
  'commit-offset-first',
  'dedupe-by-offset',
  'apply-twice-after-crash',
  'view-skips-on-error',
  'fold-with-wall-clock',
  'view-reads-own-clock',
  'lost-inbox-row',
  'gap-skip',
  'unproven-accepted',
  'older-checkpoint-accepted',
  'fork-ignored',
  'non-atomic-witness',
  'witness-signs-unheld',
  'final-from-one-witness',
  'signed-before-durable',
  'published-before-read-back',
  'stored-bytes-not-rehashed',
  'two-relays-without-lease',
  'restored-backup-signs',
  'ack-before-append',
  'idempotence-key-forgotten',
  'retry-with-new-ids',
  'last-writer-wins',
  'partial-batch-visible',
  'role-by-clients-word',
  'unit-by-clients-word',
  'secret-published',
  'account-published',
  'stale-read',
  'lagging-replica',
  'seen-as-announced',
] as const;

export type Plant = (typeof plantNames)[number];
export type Plants = ReadonlySet<Plant>;
