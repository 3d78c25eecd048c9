import { storeContract } from '../contract';
import { all, fact, given, refusal } from '../contract/samples';
import { WrongExpectedRevision } from '../event-store';
import { MemoryStore } from './memory-store';

storeContract('memory', async () => {
  const store = new MemoryStore();
  return { store, end: () => store.close() };
});

describe('the memory store', () => {
  it('refuses an id that stands further back in the stream, even at the right revision', async () => {
    const store = new MemoryStore();
    const [first] = await given(store, 'issue-1', 3);
    expect(await refusal(store.append('issue-1', [first!], 2n))).toBeInstanceOf(WrongExpectedRevision);
  });

  it('keeps history when the values that were written change later', async () => {
    const store = new MemoryStore();
    const data = { text: '原文' };
    await store.append('issue-1', [fact(data)], 'no_stream');
    data.text = '改动';
    expect((await all(store.readStream('issue-1')))[0]?.data).toEqual({ text: '原文' });
  });

  it('never goes back in time, even when its clock does', async () => {
    const moments = ['2026-03-02T08:00:00.000Z', '2026-03-01T08:00:00.000Z'];
    const store = new MemoryStore(() => moments.shift() as string);
    await given(store, 'issue-1', 1);
    await given(store, 'issue-2', 1);
    expect((await all(store.readAll())).map((event) => event.at)).toEqual(Array(2).fill('2026-03-02T08:00:00.000Z'));
  });
});
