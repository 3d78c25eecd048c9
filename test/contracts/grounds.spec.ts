// The auditor tells people which rule let an event pass. What it says must be what the rule books demand.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedEvents } from '#contracts/events';
import { conditions, grounds, passing } from '#contracts/grounds';
import { messages } from '#contracts/messages.zh';
import { permissions } from '#contracts/roles';

const root = join(__dirname, '..', '..');
const folders = {
  round: 'apps/inspection/src/round',
  feedback: 'apps/inspection/src/feedback',
  issue: 'apps/inspection/src/issue',
  receipt: 'libs/joint/receipt',
  verification: 'libs/joint/verification',
  clueHandOver: 'apps/inspection/src/clue',
  clueReceipt: 'libs/joint/clue',
  clueFile: 'libs/joint/clue-file',
} as const;
type Decider = keyof typeof folders;

/** All that the rule book of a decider says, without tests and without what only speaks HTTP. */
function ruleBook(decider: Decider): string {
  const folder = join(root, folders[decider]);
  const files = readdirSync(folder).filter((name) => /\.ts$/.test(name) && !/\.(spec|api|views)\.ts$/.test(name));
  return files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
}
const demanded = (text: string) => {
  const calls = [...text.matchAll(/\bdemand\(([^;]*)\);/g)].map((match) => match[1]!);
  const codes = [...calls, ...text.split('\n').filter((line) => line.includes('demandOne('))].join('\n');
  return new Set([...codes.matchAll(/'([a-z][A-Za-z]*\.[A-Za-z]+)'/g)].map((match) => match[1]!));
};
const deciderOf = (rule: string) => rule.split('.')[0] as Decider;
const rules = Object.entries(passing);

/** Demanded only of commands that publish nothing. */
const inside: Readonly<Partial<Record<Decider, readonly string[]>>> = {
  clueHandOver: ['clueHandOver.none', 'clueHandOver.countDiffers', 'clueReceipt.ownHandOver'],
  clueReceipt: ['clueReceipt.listDiffers'],
  clueFile: ['clueFile.notSigned', 'clueFile.requested'],
};

describe('the grounds of published events', () => {
  it.each(Object.keys(publishedEvents))('has a row for %s', (type) => {
    const row = grounds[type as keyof typeof grounds];
    expect(row?.meaning).not.toBe('');
    expect(row?.rules.length === 0).toBe(row?.service !== undefined);
  });

  it('names rules that somebody may ask, each of them for some event, and events for nothing else', () => {
    expect(Object.keys(grounds).sort()).toEqual(Object.keys(publishedEvents).sort());
    const used = new Set(Object.values(grounds).flatMap((row) => row.rules as readonly string[]));
    expect(rules.map(([rule]) => rule).filter((rule) => !used.has(rule))).toEqual([]);
    for (const [rule] of rules) expect(permissions[rule]?.length).toBeGreaterThan(0);
  });

  it.each(rules)(
    '%s: each condition is demanded by its rule book, and its refusal has a sentence',
    (rule, { demands }) => {
      // Registering follows from freezing, whose conditions it repeats.
      const books = rule === 'issue.RegisterIssue' ? ruleBook('feedback') : ruleBook(deciderOf(rule));
      const known = demanded(books);
      expect(demands.filter((code) => !known.has(code))).toEqual([]);
      expect(demands.filter((code) => messages[code] === undefined)).toEqual([]);
    },
  );

  it.each(Object.keys(folders) as Decider[])('forgets no condition of the rule book of %s', (decider) => {
    const said = new Set(
      rules.filter(([rule]) => deciderOf(rule) === decider).flatMap(([, row]) => row.demands as readonly string[]),
    );
    for (const code of inside[decider] ?? []) said.add(code);
    expect([...demanded(ruleBook(decider))].filter((code) => !said.has(code))).toEqual([]);
  });

  it('has words for what is demanded, and for nothing else', () => {
    const used = new Set<string>(rules.flatMap(([, row]) => row.demands as readonly string[]));
    expect(Object.keys(conditions).filter((code) => !used.has(code))).toEqual([]);
  });
});
