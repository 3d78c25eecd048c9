import { toBase64 } from '#tlog/bytes';
import { LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { formatNote, signNote } from '#tlog/note';
import { blobPass, holderOf } from './blob-pass';

const [a, b] = [1, 2].map((n) => signingKey(`peer${n}.example/events/v1`, LOG_KEY_TYPE, new Uint8Array(32).fill(n)));
const file = 'a'.repeat(64);
const at = '2026-03-02T01:00:00.000Z';

describe('a pass for a file', () => {
  const pass = blobPass(a!, file, at);

  it('names the peer who signed it', () => {
    expect(holderOf(pass, [b!, a!], file, at)).toBe(a!.name);
    expect(holderOf(pass, [b!, a!], file, '2026-03-02T01:02:00.000Z')).toBe(a!.name);
  });

  it('is worth nothing for another file, at another time, or from a stranger', () => {
    expect(holderOf(pass, [a!], 'b'.repeat(64), at)).toBeUndefined();
    expect(holderOf(pass, [a!], file, '2026-03-02T01:02:01.000Z')).toBeUndefined();
    expect(holderOf(pass, [a!], file, '2026-03-02T00:57:59.000Z')).toBeUndefined();
    expect(holderOf(pass, [b!], file, at)).toBeUndefined();
    expect(holderOf(pass, [], file, at)).toBeUndefined();
  });

  it('must be signed for itself: no other note of the key serves', () => {
    const text = `${b!.name}\n5\n${toBase64(new Uint8Array(32))}\n`;
    const checkpoint = `Sanfang-Note ${toBase64(formatNote({ text, signatures: [signNote(text, a!)] }))}`;
    for (const header of [undefined, '', 'Basic eA==', 'Sanfang-Note !!', checkpoint]) {
      expect(holderOf(header, [a!], file, at)).toBeUndefined();
    }
  });
});
