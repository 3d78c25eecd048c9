// Rules under contention: what holds for one writer holds for sixteen at once.
import { type EventStore, WrongExpectedRevision } from '../event-store';
import { all, fact, type GetStore, Listener, names } from './samples';

const writers = 16;
const rounds = 25;

export function raceRules(store: GetStore): void {
  it('given 16 writers on one stream, when all expect the same revision, then exactly one wins each', async () => {
    for (let round = 0; round < rounds; round++) {
      const expected = round === 0 ? 'no_stream' : BigInt(round - 1);
      const attempts = Array.from({ length: writers }, (_, writer) =>
        store().append('issue-1', [fact({ writer })], expected),
      );
      const settled = await Promise.allSettled(attempts);
      const failures = settled.filter((result) => result.status === 'rejected');
      expect(failures).toHaveLength(writers - 1);
      for (const { reason } of failures) {
        expect(reason).toBeInstanceOf(WrongExpectedRevision);
        expect(reason.actual).toBe(BigInt(round));
      }
    }
    expect(await all(store().readStream('issue-1'))).toHaveLength(rounds);
  });

  it('given 16 writers that try again on the newer revision, when all are done, then every event is there once', async () => {
    const race = async () => {
      for (let round = 0; round < rounds; round++) await appendAfterConflicts(store());
    };
    await Promise.all(Array.from({ length: writers }, race));
    const stored = await all(store().readStream('issue-1'));
    expect(new Set(stored.map((event) => event.id)).size).toBe(writers * rounds);
    expect(stored.map((event) => Number(event.revision))).toEqual(stored.map((_, index) => index));
  });

  it('given 16 writers over many streams, when they are followed, then each stream and the whole keep their order', async () => {
    const listener = new Listener(store());
    const write = async (_: unknown, writer: number) => {
      for (let round = 0; round < rounds; round++) {
        for (let lane = 0; lane < 4; lane++) {
          const expected = round === 0 ? 'no_stream' : BigInt(round - 1);
          await store().append(`issue-${writer}-${lane}`, [fact({ round })], expected);
        }
      }
    };
    await Promise.all(Array.from({ length: writers }, write));
    const seen = await listener.saw(writers * rounds * 4);
    await listener.stop();
    expect(names(seen)).toEqual(names(await all(store().readAll())));
    const next = new Map<string, bigint>();
    for (const { stream, revision } of seen) {
      expect(revision).toBe(next.get(stream) ?? 0n);
      next.set(stream, revision + 1n);
    }
  });
}

async function appendAfterConflicts(store: EventStore): Promise<void> {
  const event = fact();
  let expected: bigint | 'no_stream' = 'no_stream';
  for (;;) {
    try {
      await store.append('issue-1', [event], expected);
      return;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      expected = error.actual ?? 'no_stream';
    }
  }
}
