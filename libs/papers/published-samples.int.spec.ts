import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fold } from './fold';
import { outline, type Outline } from './outline';

interface Expected {
  file: string;
  kind: string;
  groups: string[];
  leaves: {
    title: string;
    path?: string;
    unit?: string;
    status?: string;
    measures?: number;
    manifestations?: number;
    responsible?: string;
    deadline?: string;
    truncated?: string;
  }[];
  declared: Record<string, number | string>;
}

const folder = join(process.env['SANFANG_SAMPLES'] ?? resolve(__dirname, '../../../shared/samples'), 'published');
const present = existsSync(join(folder, 'expected.json'));
const samples = present ? (JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Expected[]) : [];

const widePairs: Record<string, string> = {
  ',': '，',
  ':': '：',
  ';': '；',
  '(': '（',
  ')': '）',
  '.': '．',
  '%': '％',
};
const narrowPairs: Record<string, string> = {
  '，': ',',
  '：': ':',
  '；': ';',
  '（': '(',
  '）': ')',
  '“': '"',
  '”': '"',
};

function mapped(text: string, pairs: Record<string, string>): string {
  return [...text].map((unit) => pairs[unit] ?? unit).join('');
}

const variants: [string, (text: string) => string][] = [
  ['as published', (text) => text],
  ['with full-width punctuation', (text) => mapped(text, widePairs)],
  ['with half-width punctuation', (text) => mapped(text, narrowPairs)],
];

function kindOf(expected: Expected): string {
  return expected.kind.replace(/ \(negative control\)$/, '');
}

function withUndefined<T extends object>(leaf: T, keys: (keyof T)[]): object {
  return Object.fromEntries(keys.map((key) => [key, leaf[key]]));
}

function shown(found: Outline, same: (text: string) => string): object {
  const folded = (text: string | undefined): string | undefined => (text === undefined ? undefined : same(text));
  return {
    kind: found.kind,
    groups: found.groups.map(same),
    leaves: found.leaves.map((leaf) => ({
      title: same(leaf.title),
      path: leaf.path,
      unit: folded(leaf.unit),
      status: folded(leaf.status),
      responsible: folded(leaf.responsible),
      deadline: folded(leaf.deadline),
      cut: leaf.truncated,
    })),
    declared: found.declared,
  };
}

function wanted(expected: Expected, same: (text: string) => string): object {
  return {
    kind: kindOf(expected),
    groups: expected.groups.map(same),
    leaves: expected.leaves.map((leaf) => ({
      ...withUndefined(leaf, ['path', 'unit', 'status', 'responsible', 'deadline']),
      title: same(leaf.title),
      ...(leaf.unit !== undefined && { unit: same(leaf.unit) }),
      ...(leaf.deadline !== undefined && { deadline: same(leaf.deadline) }),
      cut: leaf.truncated === undefined ? undefined : leaf.truncated === 'title' ? 'title' : 'text',
    })),
    declared: expected.declared,
  };
}

const describeSamples = present ? describe : describe.skip;
describeSamples(`the published samples (skipped when ${present ? 'absent' : `${folder} is absent`})`, () => {
  for (const expected of samples) {
    for (const [how, change] of variants) {
      const same = how === 'as published' ? (text: string) => text : fold;
      test(`${expected.file} ${how}: kind, groups, titles, units, status and figures are those a clerk finds`, () => {
        const text = change(readFileSync(join(folder, expected.file), 'utf8'));
        const found = outline(text);
        expect(shown(found, same)).toEqual(wanted(expected, same));
        expected.leaves.forEach((leaf, at) => {
          const got = found.leaves[at];
          if (leaf.measures !== undefined) expect(got?.measures).toHaveLength(leaf.measures);
          if (leaf.manifestations !== undefined) expect(got?.manifestations).toHaveLength(leaf.manifestations);
        });
        for (const leaf of found.leaves) expect(text.slice(leaf.from, leaf.to)).toBe(leaf.text);
      });
    }
  }
  if (!present) test.skip(`needs ${folder}`, () => undefined);
});
