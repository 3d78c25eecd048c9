// Rules of writing: the expected revision, what a failure tells, and that repeating an append is not a second one.
import { WrongExpectedRevision } from '../event-store';
import { all, fact, facts, type GetStore, given, names, refusal, sampleMeta } from './samples';

export function appendRules(store: GetStore): void {
  it('given no stream, when no_stream is expected, then the first event has revision 0', async () => {
    const appended = await store().append('issue-1', [fact()], 'no_stream');
    expect(appended.revision).toBe(0n);
  });

  it('given two events, when revision 1 is expected, then the next one has revision 2 and a higher position', async () => {
    const before = await store().append('issue-1', facts(2), 'no_stream');
    const after = await store().append('issue-1', [fact()], 1n);
    expect(before.revision).toBe(1n);
    expect(after.revision).toBe(2n);
    expect(after.position > before.position).toBe(true);
  });

  it('given a stream, when stream_exists is expected, then the event is appended at its end', async () => {
    await given(store(), 'issue-1', 2);
    expect((await store().append('issue-1', [fact()], 'stream_exists')).revision).toBe(2n);
  });

  it.each([
    ['no_stream', 2, 1n],
    [0n, 2, 1n],
    [2n, 2, 1n],
    [0n, 0, undefined],
    ['stream_exists', 0, undefined],
  ] as const)(
    'when %s is expected of a stream of %d events, then the failure tells %s',
    async (expected, count, actual) => {
      if (count > 0) await given(store(), 'issue-1', count);
      const error = await refusal(store().append('issue-1', [fact()], expected));
      expect(error).toBeInstanceOf(WrongExpectedRevision);
      expect(error).toMatchObject({ stream: 'issue-1', expected, actual });
    },
  );

  it('when an append is refused, then nothing of it is stored', async () => {
    await given(store(), 'issue-1', 1);
    await refusal(store().append('issue-1', facts(3), 'no_stream'));
    expect(names(await all(store().readAll()))).toEqual(['issue-1:0']);
  });

  it('when several events are appended, then they stand next to each other in their order', async () => {
    const ours = facts(50);
    const others = Array.from({ length: 20 }, (_, index) => store().append(`other-${index}`, facts(3), 'no_stream'));
    await Promise.all([...others, store().append('issue-1', ours, 'no_stream')]);
    const stored = await all(store().readAll());
    const start = stored.findIndex((event) => event.stream === 'issue-1');
    expect(stored.slice(start, start + 50).map((event) => event.id)).toEqual(ours.map((event) => event.id));
  });

  it('when an event is read, then everything about it is as it was written', async () => {
    const data = {
      标题: '整改"不实"\n',
      nested: [{ deep: null }, true, 1.5, -7, ''],
      clef: '𝄞',
      amount: '9007199254740993',
    };
    const event = fact(data, 'IssueRegistered');
    await store().append('issue-1', [event], 'no_stream');
    const [stored] = await all(store().readStream('issue-1'));
    expect(stored).toMatchObject({ ...event, stream: 'issue-1', revision: 0n, meta: sampleMeta });
    expect(stored?.data).toEqual(data);
    expect(stored?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  });

  it('when events are read, then their recorded time never goes back', async () => {
    for (let count = 0; count < 5; count++) await store().append(`issue-${count}`, [fact()], 'no_stream');
    const times = (await all(store().readAll())).map((event) => event.at);
    expect([...times].sort()).toEqual(times);
  });
}

export function repeatRules(store: GetStore): void {
  it.each(['no_stream', 1n] as const)(
    'when an append expecting %s is repeated, then it tells the old place',
    async (expected) => {
      if (expected === 1n) await given(store(), 'issue-1', 2);
      const events = facts(3);
      const first = await store().append('issue-1', events, expected);
      expect(await store().append('issue-1', events, expected)).toEqual(first);
      expect(await all(store().readStream('issue-1'))).toHaveLength(expected === 1n ? 5 : 3);
    },
  );

  it('when an append expecting stream_exists is repeated, then it tells the old place', async () => {
    await given(store(), 'issue-1', 1);
    const events = facts(2);
    const first = await store().append('issue-1', events, 'stream_exists');
    expect(await store().append('issue-1', events, 'stream_exists')).toEqual(first);
    expect(await all(store().readStream('issue-1'))).toHaveLength(3);
  });

  it('given later events of others, when an old append is repeated, then it still tells the old place', async () => {
    const events = facts(2);
    const first = await store().append('issue-1', events, 'no_stream');
    for (let count = 0; count < 30; count++) await store().append('issue-1', [fact()], BigInt(count + 1));
    expect(await store().append('issue-1', events, 'no_stream')).toEqual(first);
    expect(await all(store().readStream('issue-1'))).toHaveLength(32);
  });

  it('when the same append is sent twice at once, then both are told the same place', async () => {
    const events = facts(2);
    const sent = [store().append('issue-1', events, 'no_stream'), store().append('issue-1', events, 'no_stream')];
    const [one, other] = await Promise.all(sent);
    expect(one).toEqual(other);
    expect(await all(store().readStream('issue-1'))).toHaveLength(2);
  });

  it('when only some of the events are repeated, then the revision is wrong', async () => {
    const [first, second] = facts(2);
    await store().append('issue-1', [first!], 'no_stream');
    const error = await refusal(store().append('issue-1', [first!, second!], 'no_stream'));
    expect(error).toMatchObject({ name: 'WrongExpectedRevision', actual: 0n });
  });

  it('when the events are repeated in another order, then the revision is wrong', async () => {
    const [first, second] = facts(2);
    await store().append('issue-1', [first!, second!], 'no_stream');
    const error = await refusal(store().append('issue-1', [second!, first!], 'no_stream'));
    expect(error).toBeInstanceOf(WrongExpectedRevision);
  });

  it('when other events are appended at a revision that is taken, then the revision is wrong', async () => {
    await given(store(), 'issue-1', 20);
    expect(await refusal(store().append('issue-1', facts(1), 2n))).toMatchObject({ actual: 19n });
  });

  it('when the same ids are appended to another stream, then they are new there', async () => {
    const events = await given(store(), 'issue-1', 2);
    expect((await store().append('issue-2', events, 'no_stream')).revision).toBe(1n);
    expect(await all(store().readAll())).toHaveLength(4);
  });
}
