import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatVkey } from '#tlog/key';
import { announceKey, BadKey, openKeys, peerKey } from './keys';

const origin = 'inspection.sanfang.example/events/v1';
const folder = (): string => mkdtempSync(join(tmpdir(), 'sanfang-keys-'));
const peer = { agency: 'inspection', url: 'http://127.0.0.1:1', origin } as const;

describe('the keys of an agency', () => {
  it('are made once and are the same ever after', () => {
    const place = folder();
    const first = openKeys(place, origin);
    const again = openKeys(place, origin);
    expect(again.vkey).toBe(first.vkey);
    expect(again.commitKey).toEqual(first.commitKey);
    expect(first.vkey.startsWith(`${origin}+`)).toBe(true);
    expect(openKeys(folder(), origin).vkey).not.toBe(first.vkey);
  });

  it('can be read by their owner alone, and no draft is left', () => {
    const place = folder();
    openKeys(place, origin);
    expect(readdirSync(join(place, 'keys')).sort()).toEqual(['commit.key', 'journal.seed', 'log.seed', 'witness.seed']);
    for (const name of ['log.seed', 'witness.seed', 'journal.seed', 'commit.key']) {
      expect(statSync(join(place, 'keys', name)).mode & 0o777).toBe(0o600);
    }
    expect(statSync(join(place, 'keys')).mode & 0o777).toBe(0o700);
  });

  it.each(['log.seed', 'commit.key'])('are refused when others may read %s', (name) => {
    const place = folder();
    openKeys(place, origin);
    chmodSync(join(place, 'keys', name), 0o640);
    expect(() => openKeys(place, origin)).toThrow(/chmod 600/);
  });

  it('are refused when damaged, without repeating what is there', () => {
    const place = folder();
    openKeys(place, origin);
    writeFileSync(join(place, 'keys', 'log.seed'), 'c2hvcnQ=');
    expect(() => openKeys(place, origin)).toThrow(/damaged/);
    expect(() => openKeys(place, origin)).not.toThrow(/c2hvcnQ/);
  });
});

describe('the verifier keys on one machine', () => {
  it('are left once for the peers, who take the one with the right name', async () => {
    const place = folder();
    const trust = join(place, 'trust');
    const { vkey, log } = openKeys(place, origin);
    expect(await peerKey(trust, peer)).toBeUndefined();
    announceKey(trust, 'inspection', log);
    announceKey(trust, 'inspection', log);
    expect(readFileSync(join(trust, 'inspection.vkey'), 'utf8')).toBe(`${vkey}\n`);
    expect(formatVkey((await peerKey(trust, peer))!)).toBe(vkey);
    await expect(peerKey(trust, { ...peer, origin: 'other.example/events/v1' })).rejects.toThrow(BadKey);
  });

  it('stop the start of an agency whose key has become another: its peers would see a forged log', () => {
    const trust = join(folder(), 'trust');
    announceKey(trust, 'inspection', openKeys(folder(), origin).log);
    expect(() => announceKey(trust, 'inspection', openKeys(folder(), origin).log)).toThrow(/restore the keys/);
  });

  it('give way to a configured one, and a damaged one is refused', async () => {
    const trust = folder();
    const { vkey } = openKeys(folder(), origin);
    writeFileSync(join(trust, 'inspection.vkey'), 'half');
    await expect(peerKey(trust, peer)).rejects.toThrow(/no verifier key/);
    expect(formatVkey((await peerKey(trust, { ...peer, vkey }))!)).toBe(vkey);
  });
});
