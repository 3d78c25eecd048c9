import { drawMarkKey, IdMarks, mark, markOf } from './id-marks';

it('marks as the reference implementation does', () => {
  // veorq/SipHash@1a7d041, vectors_hsip64: key 00…07, input 00, 01, 02 …, of 0 to 6 bytes.
  const reference = [
    '218d1f59b9b83cc8',
    'be552412f8387315',
    '064f39ef7c50eb57',
    'ce0f1a45f7060679',
    'd5e78a175be52ea1',
    'cb9d7c3f2f3db580',
    'ce3e91358aa2bc25',
  ];
  const input = Uint8Array.from({ length: 8 }, (_, n) => n);
  const out = new Uint32Array(2);
  const hex = reference.map((_, length) => {
    mark(input, 0, length, [0x03020100, 0x07060504], out, 0);
    return Buffer.from(out.buffer).toString('hex');
  });
  expect(hex).toEqual(reference);
});

it('marks a text alike wherever it stands, and otherwise under another key', () => {
  const [key, other] = [drawMarkKey(), drawMarkKey()];
  const out = new Uint32Array(4);
  mark(new TextEncoder().encode('--编号7--'), 2, 9, key, out, 2);
  expect(out.slice(2)).toEqual(markOf('编号7', key));
  expect(markOf('编号7', other)).not.toEqual(markOf('编号7', key));
});

describe('the marks of a log', () => {
  const key = drawMarkKey();
  const marks = Array.from({ length: 5_000 }, (_, n) => markOf(`id-${n}`, key));

  it.each([5_000n, 100n, 0n])('know each that came, and no other, when %d were expected', (expected) => {
    const known = new IdMarks(expected);
    for (const [first, second] of marks) expect(known.add(first!, second!)).toBe(true);
    for (const [first, second] of marks) expect(known.add(first!, second!)).toBe(false);
  });

  it('take a mark of zeros for a mark', () => {
    const known = new IdMarks(10n);
    expect([known.add(0, 0), known.add(0, 0), known.add(2 ** 32 - 1, 5), known.add(2 ** 32 - 1, 5)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});
