import { appendFileSync, chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { history } from '#testing/given';
import type { Ask } from '../ask';
import { announceSealingKey } from './announce';
import { sealingKey } from './sealing-key';
import type { SealingKeyCommand, SealingKeyEvent } from './sealing-key';
import { openSealingKeys } from './sealing-keys';
import { sealingSlice } from './sealing-slice';

const given = {
  by: { agency: 'commission' as const, id: 'system-sealing', name: '系统', role: 'system' },
  at: '2026-03-02T01:00:00.000Z',
  today: '2026-03-02',
};
const of = (key: string) => ({ suite: 'suite', key, publicKey: `of ${key}` });
const announce = (key: string): SealingKeyCommand => ({ type: 'AnnounceSealingKey', ...of(key) });
const announced = (key: string): SealingKeyEvent => ({ type: 'SealingKeyAnnounced', data: of(key) });

describe('公布密封公钥', () => {
  it('happens once for a key', () => {
    history(sealingKey).when(announce('a'), given).then(announced('a'));
    history(sealingKey, announced('a')).when(announce('a'), given).then();
  });
  it('happens again with another key', () =>
    history(sealingKey, announced('a')).when(announce('b'), given).then(announced('b')));
  it('does not go back to an earlier key, which an older key file would bring', () =>
    history(sealingKey, announced('a'), announced('b')).when(announce('a'), given).refuses('sealing.oldKey'));
});

describe('the key file', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sanfang-sealing-keys-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const path = (): string => join(folder, 'keys', 'sealing.key');

  it('is made once, for its owner alone, and a line more is the next key', async () => {
    const first = openSealingKeys(folder);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(openSealingKeys(folder).newest.id).toBe(first.newest.id);
    appendFileSync(path(), `${Buffer.alloc(32, 7).toString('base64')}\n`);
    const second = openSealingKeys(folder);
    expect(second.newest.id).not.toBe(first.newest.id);
    for (const { newest } of [first, second]) expect(second.privateKeyOf(newest.id)).toBeDefined();
    expect(first.privateKeyOf(second.newest.id)).toBeUndefined();
  });

  it('is refused when it is damaged, or when others may read it', async () => {
    openSealingKeys(folder);
    chmodSync(path(), 0o644);
    expect(() => openSealingKeys(folder)).toThrow('others may read');
    chmodSync(path(), 0o600);
    writeFileSync(path(), 'AAAA\n');
    expect(() => openSealingKeys(folder)).toThrow('is damaged');
  });

  it('is announced by a service that has the slice, and by no other', async () => {
    const keys = openSealingKeys(folder);
    const asks: Ask[] = [];
    const ask = async (each: Ask): Promise<void> => void asks.push(each);
    await announceSealingKey([], 'commission', keys, ask);
    expect(asks).toEqual([]);
    await announceSealingKey([sealingSlice('commission')], 'commission', keys, ask);
    expect(asks).toMatchObject([{ id: 'commission', command: { type: 'AnnounceSealingKey', key: keys.newest.id } }]);
  });
});
