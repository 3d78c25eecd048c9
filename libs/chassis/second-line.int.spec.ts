import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint, signCheckpoint } from '#tlog/checkpoint';
import { BadKey, openKeys, peerKey } from './keys';
import { peerSecond, withSecond } from './second-line';

const origin = 'inspection.sanfang.example/events/v1';
const peer = { agency: 'inspection', url: 'http://127.0.0.1:1', origin } as const;
const checkpoint = { origin, size: 3n, root: new Uint8Array(32).fill(3) };

let place: string;
beforeEach(() => (place = mkdtempSync(join(tmpdir(), 'sanfang-second-'))));
afterEach(() => rmSync(place, { recursive: true }));

const configOf = (profile: 'intl' | 'gm', name = 'inspection') => ({
  ...{ agency: 'inspection' as const, folder: join(place, name), trustFolder: join(place, 'trust'), profile },
});
const keysOf = (config: ReturnType<typeof configOf>) => withSecond(openKeys(config.folder, origin), config);

describe('the second key', () => {
  it('is made once, for its owner alone, and only in the profile gm', async () => {
    expect((await keysOf(configOf('intl'))).log.second).toBeUndefined();
    expect(await peerSecond(configOf('gm'), peer)).toBeUndefined();
    const first = await keysOf(configOf('gm'));
    const file = join(place, 'inspection/keys/sm2.key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(first.log.second!.vkey).toBe((await keysOf(configOf('gm'))).log.second!.vkey);
    expect(readdirSync(join(place, 'trust'))).toEqual(['inspection.sm2.vkey']);
    chmodSync(file, 0o640);
    await expect(keysOf(configOf('gm'))).rejects.toThrow('chmod 600');
  });

  it('is refused when another one was announced', async () => {
    await keysOf(configOf('gm'));
    await expect(keysOf(configOf('gm', 'other'))).rejects.toThrow(BadKey);
  });

  it('is known to peers of both profiles, and demanded in one of them', async () => {
    const { log } = await keysOf(configOf('gm'));
    const note = signCheckpoint(checkpoint, log);
    for (const profile of ['intl', 'gm'] as const) {
      const second = (await peerSecond(configOf(profile), peer))!;
      expect(second.demanded).toBe(profile === 'gm');
      expect(openCheckpoint(note, { ...log, second }).second).toBe(true);
    }
  });

  it('comes from the configuration before the trust folder, and must be of that log', async () => {
    const { vkey } = (await keysOf(configOf('gm'))).log.second!;
    writeFileSync(join(place, 'trust/inspection.sm2.vkey'), 'nothing');
    expect(await peerKey(join(place, 'trust'), peer)).toBeUndefined();
    await expect(peerSecond(configOf('gm'), peer)).rejects.toThrow(/is none/);
    expect((await peerSecond(configOf('gm'), { ...peer, sm2: vkey }))!.vkey).toBe(vkey);
    const other = { ...peer, origin: 'other.example/events/v1', sm2: vkey };
    await expect(peerSecond(configOf('gm'), other)).rejects.toThrow(/is named/);
  });
});
