import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COSIGNER_KEY_TYPE, formatVkey, signingKey } from '#tlog/key';
import { PolicyFault } from '#tlog/policy';
import { reachOf } from '#tlog/quorum';
import { readConfig } from '../config';
import { announceKey, openKeys } from '../keys';
import { rosterOf } from './roster';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'sanfang-roster-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const configOf = (env: Readonly<Record<string, string>> = {}) =>
  readConfig('inspection', { SANFANG_DATA: folder, ...env });
const own = 'inspection.sanfang.example/events/v1';
const vkey = (name: string, byte: number) =>
  formatVkey(signingKey(name, COSIGNER_KEY_TYPE, new Uint8Array(32).fill(byte)));
const outside = vkey('auditor.example/witness/v1', 3);
const commission = vkey('commission.sanfang.example/witness/v1', 4);
function policy(text: string) {
  const path = join(folder, 'policy');
  writeFileSync(path, text);
  return rosterOf(configOf({ TRUST_POLICY: path }));
}

describe('the witnesses of a region', () => {
  it('without a policy are the others, all of them, and each log needs two', () => {
    const roster = rosterOf(configOf());
    expect(roster.seatsOf(own).map(({ name }) => name)).toEqual(['commission', 'organization']);
    const sizes = new Map([
      ['commission', 9],
      ['organization', 4],
      ['inspection', 9],
    ]);
    for (const origin of [own, 'commission.sanfang.example/events/v1']) {
      expect(roster.worth(origin)).toMatchObject({ weak: false });
      expect(reachOf(roster.ruleOf(origin), sizes)).toBe(4);
    }
    expect(roster.seats.map(({ url }) => url)).toEqual([
      undefined,
      'http://127.0.0.1:8804/witness',
      'http://127.0.0.1:8805/witness',
    ]);
  });

  it('are known by the keys that they leave on the machine', async () => {
    const [, seat] = rosterOf(configOf()).seats;
    expect(await seat?.key()).toBeUndefined();
    const keys = openKeys(join(folder, 'commission'), 'commission.sanfang.example/events/v1');
    announceKey(join(folder, 'trust'), 'commission.witness', keys.witness);
    expect(formatVkey((await seat?.key())!)).toBe(keys.witnessVkey);
  });

  it('are those of the policy file when there is one, with addresses from it or from the peers', () => {
    const roster = policy(
      `witness 纪 ${commission}\nwitness 外 ${outside} https://auditor.example/w\ngroup 组 any 纪 外\nquorum 组\n`,
    );
    expect(roster.seats.map(({ agency, url }) => [agency, url])).toEqual([
      ['commission', 'http://127.0.0.1:8804/witness'],
      [undefined, 'https://auditor.example/w'],
    ]);
    expect(roster.worth(own)).toMatchObject({ weak: true, sentence: expect.stringContaining('2k-n=0') });
  });

  it('that could never be enough for one of the logs are refused, with the reason', () => {
    expect(() => policy(`witness 纪 ${commission}\nwitness 外 ${outside}\ngroup 组 all 纪 外\nquorum 组\n`)).toThrow(
      /日志 commission\S+ 的见证规则无法满足/,
    );
    expect(() => policy('witness 纪\n')).toThrow(PolicyFault);
    expect(() => rosterOf(configOf({ TRUST_POLICY: join(folder, 'none') }))).toThrow('打不开信任策略文件');
  });
});
