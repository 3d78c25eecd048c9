// docs/spec/policy.md is what the code reads: its example, what it refuses, and its arithmetic.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatVkey } from './key';
import { isEnough, parsePolicy, PolicyFault } from './policy';
import { strengthOf } from './quorum';
import type { Rule } from './quorum';

const page = readFileSync(join(__dirname, '../../docs/spec/policy.md'), 'utf8');
const [example, refused] = [...page.matchAll(/^```\n([^]*?)^```$/gm)].map(([, text]) => text!) as [string, string];
const rows = [...page.matchAll(/^\| (\d) \| (\d) \| (\d) \| ([^|]*) \| (\d) \|$/gm)].map((row) => row.slice(1));

describe('the page on trust policies', () => {
  it('has an example of which three of four witnesses are enough, whichever they are', () => {
    const policy = parsePolicy(example);
    const { logs, witnesses } = policy;
    expect(witnesses.map(({ name, url }) => [name, url])).toEqual([
      ['commission', undefined],
      ['organization', undefined],
      ['first', 'https://auditor.example.org'],
      ['second', undefined],
    ]);
    const vkeys = witnesses.map(({ key }) => formatVkey(key));
    for (const left of vkeys) {
      const three = vkeys.filter((vkey) => vkey !== left);
      expect(isEnough(policy, logs[0]!.name, new Set(three))).toBe(true);
      expect(isEnough(policy, logs[0]!.name, new Set(three.slice(1)))).toBe(false);
    }
    // The witness of the log's own host does not count for it, and the threshold stays.
    expect(isEnough(policy, 'commission.example.gov.cn/events', new Set(vkeys.slice(0, 3)))).toBe(false);
  });

  it.each(refused.trim().split('\n'))('refuses %s', (line) => {
    expect(() => parsePolicy(`${line}\nquorum none\n`)).toThrow(PolicyFault);
  });

  it('reckons as the code does', () => {
    expect(rows).toHaveLength(5);
    for (const [n, k, shared, colluders, outages] of rows as [string, string, string, string, string][]) {
      const members = Array.from({ length: Number(n) }, (_, at): Rule => ({ kind: 'witness', name: `w${at}` }));
      const strength = strengthOf({ kind: 'group', needed: Number(k), members });
      expect(strength).toMatchObject({ shared: Number(shared), outages: Number(outages) });
      expect(colluders.startsWith('none') ? -1 : Number(colluders)).toBe(strength.shared - 1);
    }
  });
});
