import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { Refused } from '#kernel/decider';
import { Files } from './files';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const place = (): string => join(mkdtempSync(join(tmpdir(), 'sanfang-files-')), 'files');

describe('the folder of files', () => {
  it('gives back what was put under a hash, whole or as a stream', async () => {
    const folder = place();
    const files = new Files(folder);
    const sha256 = hashOf('证据');
    expect(await files.has(sha256)).toBe(false);
    await files.put(Buffer.from('证据'), sha256);
    await files.put(Buffer.from('证据'), sha256);
    expect(await files.has(sha256)).toBe(true);
    expect((await files.read(sha256)).toString()).toBe('证据');
    expect((await buffer(await files.stream(sha256))).toString()).toBe('证据');
    expect(statSync(join(folder, sha256.slice(0, 2), sha256.slice(2))).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'draft'))).toEqual([]);
  });

  it('refuses bytes that are not what was promised, and keeps nothing of them', async () => {
    const folder = place();
    const files = new Files(folder);
    await expect(files.put(Buffer.from('真'), hashOf('假'))).rejects.toThrow(/promised/);
    expect(await files.has(hashOf('假'))).toBe(false);
    expect(await files.has(hashOf('真'))).toBe(false);
  });

  it('says that a file was changed on disk instead of giving it out', async () => {
    const folder = place();
    const files = new Files(folder);
    const sha256 = hashOf('原件');
    await files.put(Buffer.from('原件'), sha256);
    writeFileSync(join(folder, sha256.slice(0, 2), sha256.slice(2)), '改过');
    await expect(files.read(sha256)).rejects.toThrow(/damaged/);
  });

  it.each(['../../etc/passwd', '', 'g'.repeat(64), 'a'.repeat(63)])('has nothing under %j', async (name) => {
    const files = new Files(place());
    for (const work of [() => files.read(name), () => files.stream(name), () => files.has(name)]) {
      await expect(work()).rejects.toThrow(Refused);
    }
    await expect(files.read(hashOf('nothing'))).rejects.toMatchObject({ code: 'record.none' });
  });
});
