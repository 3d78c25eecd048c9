import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatVkey, LOG_KEY_TYPE, parseVkey, turnsOf } from '#tlog/key';
import { removeRetired, takeTurn } from './key-turns';
import { announceKey, announceKeys, BadKey, missingProofs, openKeys, peerKey } from './keys';
import { peerWitnessKey, possessionOf } from './keys';

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
    const names = ['commit.key', 'journal.seed', 'log.seed', 'recovery.key', 'witness.seed'];
    expect(readdirSync(join(place, 'keys')).sort()).toEqual(names);
    for (const name of names) {
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

describe('the next key of a role', () => {
  const role = { role: 'log', name: origin, type: LOG_KEY_TYPE } as const;
  const at = Date.parse('2026-03-02T01:00:00Z');
  const end = Date.parse('2026-04-01T01:00:00Z');
  const handover = { origin, from: 7n, until: new Date(end).toISOString() };

  it('signs beside the old one until the overlap ends, and verifies what the old one signed', () => {
    const place = folder();
    const { vkey: before } = openKeys(place, origin, at);
    takeTurn(join(place, 'keys'), role, handover, at);
    const keys = openKeys(place, origin, end - 1);
    expect(keys.vkey).not.toBe(before);
    expect(turnsOf(keys.log).map((turn) => [formatVkey(turn.key), turn.from])).toEqual([
      [before, 0n],
      [keys.vkey, 7n],
    ]);
    expect(keys.log.beside?.map(formatVkey)).toEqual([before]);
    expect(openKeys(place, origin, end).log.beside).toBeUndefined();
    announceKey(join(place, 'trust'), 'inspection', parseVkey(before));
    announceKey(join(place, 'trust'), 'inspection', keys.log);
  });

  it('is the one that was begun, when the program was cut off before the note was there', () => {
    const place = folder();
    openKeys(place, origin, at);
    const note = takeTurn(join(place, 'keys'), role, handover, at);
    rmSync(join(place, 'keys', 'log.handovers'));
    expect(openKeys(place, origin, at).handovers).toEqual([]);
    expect(takeTurn(join(place, 'keys'), role, handover, at)).toBe(note);
  });

  it('leaves no old seed behind once the overlap has ended, and not before', () => {
    const place = folder();
    openKeys(place, origin, at);
    takeTurn(join(place, 'keys'), role, handover, at);
    expect(removeRetired(join(place, 'keys'), 'log', end - 1)).toEqual([]);
    expect(removeRetired(join(place, 'keys'), 'log', end)).toEqual([join(place, 'keys', 'log.seed')]);
    expect(readdirSync(join(place, 'keys'))).not.toContain('log.seed');
    expect(openKeys(place, origin, end).handovers).toHaveLength(1);
    expect(readdirSync(join(place, 'keys'))).not.toContain('log.seed');
  });

  it('must be there: a missing or another seed is not made anew', () => {
    const place = folder();
    openKeys(place, origin, at);
    takeTurn(join(place, 'keys'), role, handover, at);
    writeFileSync(join(place, 'keys', 'log-1.seed'), `${Buffer.alloc(32, 1).toString('base64')}\n`);
    expect(() => openKeys(place, origin, at)).toThrow('not the key of the last rotation');
    rmSync(join(place, 'keys', 'log-1.seed'));
    expect(() => openKeys(place, origin, at)).toThrow('restore the keys folder');
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

  it('prove that their holder has them, by what lies beside them or is put there', async () => {
    const [trust, place] = [join(folder(), 'trust'), folder()];
    const keys = openKeys(place, origin);
    expect(missingProofs(trust, 'inspection')).toHaveLength(2);
    announceKeys({ agency: 'inspection', trustFolder: trust }, keys);
    announceKeys({ agency: 'inspection', trustFolder: trust }, keys);
    expect(missingProofs(trust, 'inspection')).toEqual([]);
    expect(formatVkey((await peerKey(trust, peer))!)).toBe(keys.vkey);
    expect(formatVkey((await peerWitnessKey(trust, peer))!)).toBe(keys.witnessVkey);
    const strange = openKeys(folder(), origin);
    await expect(peerKey(trust, { ...peer, vkey: strange.vkey })).rejects.toThrow(/does not prove.*key-proof/);
    await expect(peerWitnessKey(trust, { ...peer, witness: strange.witnessVkey })).rejects.toThrow(BadKey);
    writeFileSync(join(trust, 'inspection.proof'), `${possessionOf(origin, strange.log)}\n`);
    await expect(peerKey(trust, peer)).rejects.toThrow(BadKey);
    expect(formatVkey((await peerKey(trust, { ...peer, vkey: strange.vkey }))!)).toBe(strange.vkey);
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
