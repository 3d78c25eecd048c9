// Rules of reading what is stored.
import { StreamNotFound } from '../event-store';
import { all, fact, facts, type GetStore, given, names, positionOf, refusal, revisions } from './samples';

export function readStreamRules(store: GetStore): void {
  it('given no stream, when it is read, then it is not found', async () => {
    expect(await refusal(all(store().readStream('issue-1')))).toBeInstanceOf(StreamNotFound);
  });

  it('when a stream is read, then its events come in order, without those of others', async () => {
    await given(store(), 'issue-1', 3);
    await given(store(), 'issue-10', 1);
    await store().append('issue-1', [fact()], 2n);
    expect(names(await all(store().readStream('issue-1')))).toEqual([
      'issue-1:0',
      'issue-1:1',
      'issue-1:2',
      'issue-1:3',
    ]);
  });

  it.each([
    [{ from: 2n }, [2, 3, 4]],
    [{ from: 1n, limit: 2 }, [1, 2]],
    [{ limit: 0 }, []],
    [{ from: 5n }, []],
    [{ backwards: true }, [4, 3, 2, 1, 0]],
    [{ backwards: true, from: 2n }, [2, 1, 0]],
    [{ backwards: true, limit: 1 }, [4]],
    [{ backwards: true, from: 9n, limit: 2 }, [4, 3]],
  ])('given five events, when %j is read, then %j come', async (options, expected) => {
    await given(store(), 'issue-1', 5);
    expect(await revisions(store().readStream('issue-1', options))).toEqual(expected);
  });

  it('given more events than one page holds, when the stream is read either way, then all come once', async () => {
    await given(store(), 'issue-1', 2500);
    const up = Array.from({ length: 2500 }, (_, index) => index);
    expect(await revisions(store().readStream('issue-1'))).toEqual(up);
    expect(await revisions(store().readStream('issue-1', { backwards: true }))).toEqual([...up].reverse());
  });

  it('given large events, when the stream is read, then all come once', async () => {
    for (let count = 0; count < 12; count++) {
      await store().append(
        'issue-1',
        [fact({ text: '字'.repeat(340_000) })],
        count === 0 ? 'no_stream' : BigInt(count - 1),
      );
    }
    expect(await revisions(store().readStream('issue-1'))).toHaveLength(12);
    expect(await all(store().readAll())).toHaveLength(12);
  });

  it('when a reader breaks off, then the store goes on', async () => {
    await given(store(), 'issue-1', 1200);
    for await (const event of store().readStream('issue-1')) if (event.revision === 3n) break;
    expect((await store().append('issue-1', [fact()], 1199n)).revision).toBe(1200n);
  });
}

export function readAllRules(store: GetStore): void {
  it('given an empty store, when all is read, then nothing comes', async () => {
    expect(await all(store().readAll())).toEqual([]);
  });

  it('when all is read, then the events of all streams come in the order of their commits', async () => {
    await given(store(), 'issue-1', 2);
    await given(store(), 'round-1', 1);
    await store().append('issue-1', [fact()], 1n);
    const stored = await all(store().readAll());
    expect(names(stored)).toEqual(['issue-1:0', 'issue-1:1', 'round-1:0', 'issue-1:2']);
    for (const [index, { position }] of stored.entries()) {
      if (index > 0) expect(position > stored[index - 1]!.position).toBe(true);
    }
  });

  it('when all is read from a position, then that event is the first', async () => {
    await given(store(), 'issue-1', 1);
    await given(store(), 'round-1', 2);
    const from = await positionOf(store(), 'issue-1');
    expect(names(await all(store().readAll({ from, limit: 2 })))).toEqual(['issue-1:0', 'round-1:0']);
  });

  it('when prefixes are given, then only streams that start with one of them come', async () => {
    for (const stream of ['issue-1', 'issues-1', 'round-1', 'a%b-1', 'axb-1']) await given(store(), stream, 1);
    const read = async (prefixes: string[]) => names(await all(store().readAll({ prefixes })));
    expect(await read(['issue-'])).toEqual(['issue-1:0']);
    expect(await read(['round-', 'issue'])).toEqual(['issue-1:0', 'issues-1:0', 'round-1:0']);
    expect(await read(['a%'])).toEqual(['a%b-1:0']);
    expect(await read(['none-'])).toEqual([]);
  });

  it('given many events between, when prefixes and a limit are given, then nothing is skipped', async () => {
    await given(store(), 'round-1', 1);
    for (let count = 0; count < 3; count++) await store().append(`issue-${count}`, facts(900), 'no_stream');
    await given(store(), 'round-2', 1);
    const read = store().readAll({ prefixes: ['round-'], limit: 2 });
    expect(names(await all(read))).toEqual(['round-1:0', 'round-2:0']);
    expect(await all(store().readAll({ prefixes: ['issue-'] }))).toHaveLength(2700);
  });
}
