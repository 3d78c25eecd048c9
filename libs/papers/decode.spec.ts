import { decodeText, mostTextBytes } from './decode';
import { PaperRefused, paperRefusalText } from './paper-refused';

const sentence = '巡察发现的主要问题是：一是责任压得不实。二是“三重一大”执行不严；';
// GB18030 of 巡察反馈，问题不少。
const gb = Uint8Array.from([
  0xd1, 0xb2, 0xb2, 0xec, 0xb7, 0xb4, 0xc0, 0xa1, 0xa3, 0xac, 0xce, 0xca, 0xcc, 0xe2, 0xb2, 0xbb, 0xc9, 0xd9, 0xa1,
  0xa3,
]);

function refusal(bytes: Uint8Array): string {
  try {
    decodeText(bytes);
  } catch (error) {
    if (error instanceof PaperRefused) return error.code;
    throw error;
  }
  return 'read';
}

describe('decoding a text file', () => {
  test('UTF-8 is read with and without its mark, and the mark is not text', () => {
    expect(decodeText(Buffer.from(sentence))).toEqual({ text: sentence, encoding: 'utf-8' });
    expect(decodeText(Buffer.from(`\ufeff${sentence}`))).toEqual({ text: sentence, encoding: 'utf-8' });
  });

  test('UTF-16 is read in both orders when marked', () => {
    const little = Buffer.from(`\ufeff${sentence}`, 'utf16le');
    expect(decodeText(little)).toEqual({ text: sentence, encoding: 'utf-16le' });
    expect(decodeText(Buffer.from(little).swap16())).toEqual({ text: sentence, encoding: 'utf-16be' });
  });

  test('GB18030 is read', () => {
    expect(decodeText(gb)).toEqual({ text: '巡察反馈，问题不少。', encoding: 'gb18030' });
  });

  test.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(), 'paper.empty'],
    ['a file of blanks', Buffer.from(' \n\t\u3000\n'), 'paper.empty'],
    ['a UTF-8 file cut inside a character', Buffer.from(sentence).subarray(0, -1), 'paper.encoding'],
    ['a UTF-8 file with one broken byte', Buffer.from(sentence).fill(0xff, 30, 31), 'paper.encoding'],
    [
      'a UTF-16 file cut inside a character',
      Buffer.from(`\ufeff${sentence}`, 'utf16le').subarray(0, -1),
      'paper.encoding',
    ],
    ['a text that already holds a replacement character', Buffer.from(`${sentence}\ufffd`), 'paper.encoding'],
    ['GB18030 cut inside a character', gb.subarray(0, -1), 'paper.encoding'],
    ['Latin-1', Buffer.from('caf\u00e9 d\u00e9j\u00e0 vu', 'latin1'), 'paper.encoding'],
    ['a NUL', Buffer.from(`${sentence}\u0000`), 'paper.notText'],
    ['an image', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'paper.notText'],
    ['a byte more than the limit', Buffer.alloc(mostTextBytes + 1, 0x61), 'paper.tooLarge'],
    ['fifty megabytes', Buffer.alloc(50 * 1024 * 1024, 0x61), 'paper.tooLarge'],
  ])('%s is refused', (_, bytes, code) => expect(refusal(bytes)).toBe(code));

  test('every refusal has a Chinese sentence that ends with what to do', () => {
    for (const text of Object.values(paperRefusalText)) expect(text).toMatch(/[请].*。$/);
  });
});
