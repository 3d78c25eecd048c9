// Alerts and dashboard name metrics, labels and values that a service really exports.
import { Metrics } from '#chassis/metrics';
import { documents, textOf } from './deployment';

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly remedy: string };
};
type Panel = {
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number };
  readonly targets: readonly { readonly expr: string }[];
};

const rules = documents<{ groups: readonly { readonly rules: readonly Rule[] }[] }>('alerts/sanfang.rules.yml')
  .flatMap(({ groups }) => groups)
  .flatMap((group) => group.rules);
const { panels } = JSON.parse(textOf('deploy/dashboards/sanfang.json')) as { panels: readonly Panel[] };
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

async function exported(): Promise<Map<string, string>> {
  const metrics = new Metrics();
  metrics.watchParts({
    storePosition: () => Promise.resolve(1),
    viewPosition: () => 1,
    logSize: () => 1,
    peers: () => [{ origin: 'o', size: 1, state: 'following' }],
    cosigned: () => [{ origin: 'o', witness: 'w', size: 1 }],
  });
  metrics.watchAnchors(() => Promise.resolve([{ origin: 'o', missing: true }]));
  const described = await metrics.registry.getMetricsAsJSON();
  return new Map(
    described.flatMap(({ name, type }) => {
      const ends = String(type) === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      return ends.map((end): [string, string] => [`${name}${end}`, String(type)]);
    }),
  );
}

describe('alerts and dashboard', () => {
  it('are there, each alert with what to do', () => {
    expect(rules.length).toBeGreaterThan(8);
    expect(panels.length).toBeGreaterThan(8);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
    for (const { labels, annotations } of rules) {
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary.length * annotations.remedy.length).toBeGreaterThan(0);
    }
  });

  it('name only metrics that a service exports', async () => {
    const known = await exported();
    for (const [where, expr] of expressions) {
      const names = [...expr.matchAll(/\b((?:sanfang|process|nodejs)_[a-z0-9_]+)/g)].map((match) => match[1] as string);
      expect([where, names.filter((name) => !known.has(name))]).toEqual([where, []]);
      // `up` is Prometheus's own; apart from it an expression without one of ours watches nothing.
      expect(names.length > 0 || /\bup\{/.test(expr)).toBe(true);
    }
  });

  it('take rates of counters and histograms only', async () => {
    const known = await exported();
    for (const [where, expr] of expressions) {
      for (const [, name = ''] of expr.matchAll(/\b(?:rate|increase)\(\s*([a-z0-9_]+)/g)) {
        expect([where, name, known.get(name)]).toEqual([where, name, expect.stringMatching(/^(counter|histogram)$/)]);
      }
    }
  });

  it('know the values of the labels that they ask for', () => {
    expect(textOf('libs/chassis/identity/sign-in.ts')).toContain(`told('entered'`);
    const states = textOf('libs/chassis/metrics.ts');
    for (const state of ['following: 1', 'unreachable: 0', 'stopped: -1']) expect(states).toContain(state);
  });

  it('lays each panel in a place of its own', () => {
    expect(new Set(panels.map(({ gridPos }) => `${gridPos.x} ${gridPos.y}`)).size).toBe(panels.length);
  });
});
