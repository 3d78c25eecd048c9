// Rules of following: from stored to live without a gap, and how a subscription ends.
import { PositionBeyondEnd, Unavailable } from '../event-store';
import { all, fact, facts, type GetStore, given, Listener, names, positionOf, refusal } from './samples';

export function subscriptionRules(store: GetStore): void {
  it('given stored events, when a subscriber starts, then it sees them and after them the live ones', async () => {
    await given(store(), 'issue-1', 2);
    const listener = new Listener(store());
    await listener.saw(2);
    await store().append('issue-1', [fact()], 1n);
    expect(names(await listener.saw(3))).toEqual(['issue-1:0', 'issue-1:1', 'issue-1:2']);
    await listener.stop();
  });

  it('when a live event is seen, then it is equal to the stored one', async () => {
    const listener = new Listener(store());
    await listener.hasCaughtUp();
    await store().append('issue-1', [fact({ b: 1, a: ['二'] })], 'no_stream');
    expect(await listener.saw(1)).toEqual(await all(store().readAll()));
    await listener.stop();
  });

  it('when a subscriber starts after a position, then the event there does not come again', async () => {
    await given(store(), 'issue-1', 1);
    await given(store(), 'issue-2', 2);
    const listener = new Listener(store(), { after: await positionOf(store(), 'issue-1') });
    expect(names(await listener.saw(2))).toEqual(['issue-2:0', 'issue-2:1']);
    await listener.stop();
  });

  it('when prefixes are given, then only their streams come, stored and live', async () => {
    await given(store(), 'issue-1', 1);
    await given(store(), 'round-1', 1);
    const listener = new Listener(store(), { prefixes: ['round-'] });
    await listener.hasCaughtUp();
    await given(store(), 'issue-2', 1);
    await given(store(), 'round-2', 1);
    expect(names(await listener.saw(2))).toEqual(['round-1:0', 'round-2:0']);
    await listener.stop();
  });

  it('when batches come, then none is empty and none holds more than 1,000 events', async () => {
    await given(store(), 'issue-1', 2500);
    const listener = new Listener(store());
    await listener.saw(2500);
    expect(listener.batches.every((size) => size >= 1 && size <= 1000)).toBe(true);
    await listener.stop();
  });
}

export function busySubscriberRules(store: GetStore): void {
  it('given prefixes and a busy subscriber, when many events of others come meanwhile, then it still sees its own', async () => {
    const listener = new Listener(store(), { prefixes: ['round-'] }, async (busy) => {
      if (busy.events.length > 1) return;
      for (let n = 0; n < 2; n++) await store().append(`issue-${n}`, facts(900), 'no_stream');
      await given(store(), 'round-2', 1);
    });
    await listener.hasCaughtUp();
    await given(store(), 'round-1', 1);
    expect(names(await listener.saw(2))).toEqual(['round-1:0', 'round-2:0']);
    await listener.stop();
  });

  it('given a slow subscriber, when more is written than is kept in memory, then it misses nothing', async () => {
    const listener = new Listener(store(), {}, async (slow) => {
      if (slow.events.length <= 1)
        for (let n = 0; n < 12; n++) await store().append(`bulk-${n}`, facts(900), 'no_stream');
    });
    await listener.hasCaughtUp();
    await given(store(), 'issue-1', 1);
    const seen = names(await listener.saw(10_801));
    expect(seen).toEqual(names(await all(store().readAll())));
    await listener.stop();
  });
}

export function caughtUpRules(store: GetStore): void {
  it('given an empty store, when a subscriber starts, then it has caught up with nothing', async () => {
    const listener = new Listener(store());
    await listener.hasCaughtUp();
    expect(listener.caughtUp).toEqual([undefined]);
    await listener.stop();
  });

  it('when a subscriber has caught up, then it is told once, with the last position delivered', async () => {
    await given(store(), 'issue-1', 2500);
    const end = await positionOf(store(), 'issue-1');
    const listener = new Listener(store());
    await listener.hasCaughtUp();
    expect(listener.events).toHaveLength(2500);
    for (let count = 0; count < 3; count++) await store().append(`issue-2${count}`, [fact()], 'no_stream');
    await listener.saw(2503);
    expect(listener.caughtUp).toEqual([end]);
    await listener.stop();
  });
}

export function subscriptionEndRules(store: GetStore): void {
  it('when a position beyond the end is given, then that is an error', async () => {
    await given(store(), 'issue-1', 1);
    const after = (await positionOf(store(), 'issue-1')) + 1_000_000n;
    expect(await refusal(new Listener(store(), { after }).done)).toBeInstanceOf(PositionBeyondEnd);
  });

  it('when the signal aborts, then the subscription ends without an error', async () => {
    const listener = new Listener(store());
    await listener.hasCaughtUp();
    await listener.stop();
    await given(store(), 'issue-1', 1);
    expect(listener.events).toEqual([]);
  });
}

export function closeRules(store: GetStore): void {
  it('when the store is closed, then subscriptions end', async () => {
    const listener = new Listener(store());
    await listener.hasCaughtUp();
    await store().close();
    await listener.done;
  });

  it('when the store is closed twice, then that is no error', async () => {
    await store().close();
    await store().close();
  });

  it('when the store is closed, then appends and reads are refused', async () => {
    await given(store(), 'issue-1', 1);
    await store().close();
    expect(await refusal(store().append('issue-1', [fact()], 0n))).toBeInstanceOf(Unavailable);
    expect(await refusal(all(store().readAll()))).toBeInstanceOf(Unavailable);
    expect(await refusal(all(store().readStream('issue-1')))).toBeInstanceOf(Unavailable);
  });
}
