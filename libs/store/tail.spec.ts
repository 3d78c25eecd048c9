import { sampleMeta } from './contract/samples';
import type { RecordedEvent } from './event-store';
import { Tail } from './tail';

const at = '2026-01-01T00:00:00.000Z';

function events(from: number, to: number): RecordedEvent[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const position = BigInt(from + index);
    return {
      id: String(position),
      type: 'Noted',
      data: {},
      meta: sampleMeta,
      stream: 'a-1',
      revision: 0n,
      position,
      at,
    };
  });
}

const sizes = (count: number, size = 10) => new Array<number>(count).fill(size);
const positions = (found: readonly RecordedEvent[] | undefined) => found?.map((event) => Number(event.position));

describe('the tail of a store', () => {
  let tail: Tail;
  beforeEach(() => {
    tail = new Tail();
    tail.begin(100n);
  });

  it('gives the events after a position, at most so many', () => {
    tail.push(events(101, 105), sizes(5));
    expect(positions(tail.after(100n, 10))).toEqual([101, 102, 103, 104, 105]);
    expect(positions(tail.after(103n, 1))).toEqual([104]);
    expect(positions(tail.after(105n, 10))).toEqual([]);
  });

  it('cannot tell about positions before its beginning or after its end', () => {
    tail.push(events(101, 102), sizes(2));
    expect(tail.after(99n, 10)).toBeUndefined();
    expect(tail.after(103n, 10)).toBeUndefined();
  });

  it('cannot tell anything while the writer is out of touch', () => {
    tail.push(events(101, 102), sizes(2));
    tail.lose();
    expect(tail.after(102n, 10)).toBeUndefined();
    tail.begin(102n);
    expect(positions(tail.after(102n, 10))).toEqual([]);
  });

  it('keeps the newest events when there are too many, by number and by bytes', () => {
    for (let start = 101; start < 10_101; start += 1000) tail.push(events(start, start + 999), sizes(1000));
    expect(tail.after(100n, 10)).toBeUndefined();
    expect(positions(tail.after(10_099n, 10))).toEqual([10_100]);
    tail.push(events(10_101, 10_130), sizes(30, 1_000_000));
    expect(tail.after(10_100n, 10)).toBeUndefined();
    expect(positions(tail.after(10_129n, 10))).toEqual([10_130]);
  });

  it('wakes a sleeper on news, on abort, after its time, and at once when news came before it lay down', async () => {
    const never = new AbortController().signal;
    const stopper = new AbortController();
    const { version } = tail;
    const sleeping = [
      tail.change(version, never),
      tail.change(version, stopper.signal),
      tail.change(version, never, 1),
    ];
    stopper.abort();
    await sleeping[1];
    await sleeping[2];
    tail.push(events(101, 101), sizes(1));
    await sleeping[0];
    await tail.change(version, never);
  });
});
