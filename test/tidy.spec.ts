// The repository checks itself: what may import what, no cycle, sizes, bans, names. Each complaint tells its remedy.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(__dirname, '..');
const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(root, path)));
const sources = tracked.filter((path) => /^(apps|libs|test|bench)\/.*\.tsx?$/.test(path) && !path.endsWith('.d.ts'));
const texts = new Map(sources.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
const isTest = (path: string): boolean =>
  /\.spec\.tsx?$/.test(path) || path.startsWith('test/') || path.startsWith('libs/testing/');
const isWeb = (path: string): boolean => path.startsWith('apps/web/');

type Import = {
  readonly from: string;
  readonly specifier: string;
  readonly target: string;
  readonly typeOnly: boolean;
};

const imports: Import[] = [...texts].flatMap(([from, text]) => {
  const found = [...text.matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?'([^']+)';/gm)];
  const dynamic = [...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)];
  return [
    ...found.map((match) => imported(from, match[2] as string, match[1] !== undefined)),
    ...dynamic.map((match) => imported(from, match[1] as string, false)),
  ];
});

function imported(from: string, specifier: string, typeOnly: boolean): Import {
  if (specifier.startsWith('#')) return { from, specifier, target: sourceOf(`libs/${specifier.slice(1)}`), typeOnly };
  if (specifier.startsWith('.'))
    return { from, specifier, target: sourceOf(relative(root, join(root, dirname(from), specifier))), typeOnly };
  return { from, specifier, target: specifier, typeOnly };
}

function sourceOf(path: string): string {
  return [`${path}.ts`, `${path}.tsx`, path].find((each) => texts.has(each)) ?? path;
}

/** From which files, to what, and the remedy. The first matching row decides; what no row allows is refused. */
type Rule = { readonly of: RegExp; readonly may: readonly RegExp[]; readonly remedy: string };
const node = /^node:/;
const nest = /^(@nestjs\/|@fastify\/|fastify$|rxjs|reflect-metadata)/;
const rules: readonly Rule[] = [
  {
    of: /^libs\/kernel\//,
    may: [/^libs\/kernel\//],
    remedy: 'the kernel imports nothing; pass what it needs as an argument',
  },
  {
    of: /^libs\/tlog\//,
    may: [/^libs\/(tlog|kernel)\//, /^node:crypto$/, /^sm-crypto-v2$/],
    remedy: 'tlog is pure; sources and disks come in from outside',
  },
  {
    of: /^libs\/contracts\//,
    may: [/^libs\/(contracts|kernel)\//, /^zod$/],
    remedy: 'a promise between agencies depends on nobody',
  },
  {
    of: /^libs\/joint\/.*\.(api|duties)\.ts$/,
    may: [/^libs\/(joint|chassis|contracts|kernel|papers)\//, nest, /^typeorm$/, node],
    remedy: 'joint APIs and duties use chassis, papers and contracts only',
  },
  {
    of: /^libs\/joint\//,
    // Commitments and draws are digests of bytes; the two files are pure and run in a browser too.
    may: [/^libs\/(joint|contracts|kernel)\//, /^libs\/tlog\/(sha256|bytes)(\.ts)?$/],
    remedy: 'a joint rule book is pure; put HTTP into <noun>.api.ts, the clock into <noun>.duties.ts',
  },
  {
    of: /^libs\/store\//,
    may: [/^libs\/(store|kernel|contracts|tlog)\//, node],
    remedy: 'drivers live in pg/ or esdb/',
  },
  {
    of: /^libs\/stream\//,
    may: [/^libs\/(stream|kernel|contracts|tlog)\//, /^zod$/, node],
    remedy: 'drivers live in pg/ and kafka/',
  },
  {
    of: /^libs\/papers\//,
    may: [/^libs\/(papers|kernel|contracts)\//, /^(exceljs|mammoth|yauzl)$/, node],
    remedy: 'papers read and write files, nothing else',
  },
  {
    of: /^libs\/chassis\//,
    may: [/^libs\/(?!joint|testing)/, /^[@a-z]/],
    remedy: 'the chassis has no business word in it; use a slice',
  },
  {
    of: /^apps\/(commission|organization|inspection)\/src\/[^/]+\/[^/]+\.api\.ts$/,
    may: [/^apps\//, /^libs\/(chassis|contracts|kernel|joint|papers)\//, nest, node],
    remedy: 'an API parses, asks and answers',
  },
  {
    of: /^apps\/(commission|organization|inspection)\/src\/[^/]+\/[^/]+\.views\.ts$/,
    may: [/^apps\//, /^libs\/(chassis|contracts|kernel|joint)\//],
    remedy: 'views, publishing and reactors are pure',
  },
  {
    of: /^apps\/(commission|organization|inspection)\/src\/main\.ts$/,
    may: [/^apps\//, /^libs\/(chassis|joint)\//],
    remedy: 'main.ts only lists slices',
  },
  {
    of: /^apps\/(commission|organization|inspection)\//,
    may: [/^apps\//, /^libs\/(kernel|contracts|joint)\//],
    remedy: 'a rule book imports kernel, contracts and joint only',
  },
  {
    of: /^apps\/auditor\//,
    may: [/^apps\/auditor\//, /^libs\/(kernel|tlog|contracts|joint)\//, node, /^commander$/],
    remedy: 'the auditor has no Nest and no database',
  },
  {
    of: /^apps\/region\//,
    // Ports are this machine's, not an agency's.
    may: [
      /^apps\/region\//,
      /^libs\/(kernel|contracts|papers)\//,
      /^libs\/chassis\/free-ports(\.ts)?$/,
      node,
      /^commander$/,
    ],
    remedy: 'the region only starts agencies and speaks HTTP',
  },
  {
    of: /^apps\/web\/passport-page\//,
    may: [/^apps\/web\/passport-page\//, /^libs\/(joint|contracts|tlog|kernel)\/(?!.*\.api$)/],
    remedy: 'the passport page is small and asks nobody: no library, no HTTP',
  },
  {
    of: /^apps\/web\//,
    may: [/^apps\/web\//, /^libs\/(contracts|tlog|kernel)\//, /^[@a-z]/],
    remedy: 'the console knows contracts, tlog and kernel; rules live on the server',
  },
  {
    of: /^bench\//,
    // Broker and protocol node are started in one way only, and Go programs built in one.
    may: [
      /^bench\//,
      /^libs\//,
      /^apps\/(auditor|region)\//,
      /^test\/(faults|foreign|kafka|node|stories)\//,
      node,
      /^(commander|pg|fastify|typeorm)$/,
    ],
    remedy: 'a benchmark drives the product from outside',
  },
];
/** Drivers may stand only in the folders made for them. */
const drivers: readonly Rule[] = [
  {
    of: /^(libs\/(store|stream)\/pg\/|libs\/chassis\/)/,
    may: [/^(pg|typeorm)$/, /^libs\/store\/pg\/binary-array\.ts$/],
    remedy: 'database drivers live in pg/ and chassis',
  },
  { of: /^libs\/stream\/kafka\//, may: [/^kafkajs$/], remedy: 'the Kafka client lives in libs/stream/kafka' },
  {
    of: /^libs\/store\/esdb\//,
    may: [/^@eventstore\/db-client$/],
    remedy: 'the client of EventStoreDB lives in esdb/',
  },
];

const bans: readonly { readonly word: RegExp; readonly where: (path: string) => boolean; readonly remedy: string }[] = [
  {
    word: /\bconsole\.(log|error|warn)\b/,
    where: (path) => !isTest(path),
    remedy: 'use the Logger of the chassis, or process.stdout in a command',
  },
  {
    word: /\bDate\.now\(\)|\bnew Date\(\)/,
    where: (path) => outsideShell(path),
    remedy: 'take the time from given.at or the clock of the chassis',
  },
  {
    word: /\bMath\.random\(\)/,
    where: (path) => outsideShell(path),
    remedy: 'ids and randomness come in from outside',
  },
  {
    word: /\bprocess\.env\b/,
    where: (path) => outsideShell(path) && !path.startsWith('apps/region/') && !path.startsWith('libs/testing/'),
    remedy: 'add it to libs/chassis/config.ts',
  },
  { word: /\b(TODO|FIXME|XXX)\b/, where: () => true, remedy: 'do it, or write an issue' },
  { word: /\b(describe|it|test)\.only\(|\bfdescribe\(|\bfit\(/, where: () => true, remedy: 'take .only away' },
  { word: /^\s*\/\/\s*[-=*#]{4,}/m, where: () => true, remedy: 'no comment banners; make it a file' },
  {
    word: /\b(?:class|interface|type|function|const)\s+\w*(Manager|Helper|Util|Utils|Impl)\b/,
    where: () => true,
    remedy: 'say what it is in the words of the field',
  },
  { word: /^export default /m, where: (path) => !path.endsWith('.config.ts'), remedy: 'name what you export' },
  { word: /@ts-ignore|@ts-nocheck/, where: () => true, remedy: 'make the types say it' },
];

function outsideShell(path: string): boolean {
  return (
    !isTest(path) &&
    !isWeb(path) &&
    !path.startsWith('libs/chassis/') &&
    !path.startsWith('bench/') &&
    path !== 'apps/auditor/src/main.ts'
  );
}

const complain = (complaints: readonly string[]): void => expect(complaints).toEqual([]);
const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length;

describe('the repository is tidy', () => {
  it('imports only what style.md section 2 allows', () => {
    const checked = imports.filter(({ from }) => !isTest(from));
    complain(
      checked.flatMap(({ from, target, specifier }) => {
        const rule = rules.find((each) => each.of.test(from));
        const driver = drivers.find((each) => each.of.test(from));
        const allowed = rule?.may.some((each) => each.test(target)) || driver?.may.some((each) => each.test(target));
        return allowed ? [] : [`${from} imports ${specifier}: ${rule?.remedy ?? 'no rule allows it'}`];
      }),
    );
  });

  it('knows the Kafka client in one place', () => {
    complain(
      imports
        .filter(({ from, specifier }) => specifier === 'kafkajs' && !isTest(from))
        .filter(({ from }) => !from.startsWith('libs/stream/kafka/'))
        .map(({ from }) => `${from} imports kafkajs: only libs/stream/kafka does, so that it can be exchanged`),
    );
  });

  it('keeps agencies and slices apart', () => {
    const slice = (path: string): string => path.split('/').slice(0, 4).join('/');
    complain(
      imports
        .filter(({ from, target }) => from.startsWith('apps/') && target.startsWith('apps/') && !isTest(from))
        .filter(({ from, target }) => {
          if (from.split('/')[1] !== target.split('/')[1]) return true;
          const inAgency = /^apps\/(commission|organization|inspection)\/src\/[^/]+\//;
          return inAgency.test(from) && inAgency.test(target) && slice(from) !== slice(target);
        })
        .map(({ from, specifier }) => `${from} imports ${specifier}: apps and slices meet in events and main.ts only`),
    );
  });

  it('has no import cycle', () => {
    const edges = new Map<string, string[]>();
    for (const { from, target, typeOnly } of imports) {
      if (!typeOnly && texts.has(target)) edges.set(from, [...(edges.get(from) ?? []), target]);
    }
    complain(cyclesIn(edges).map((cycle) => `${cycle.join(' → ')}: move what both need into a third file`));
  });

  it('has no barrel', () => {
    complain(
      sources
        .filter((path) => /(^|\/)index\.tsx?$/.test(path) || /^export \* from/m.test(texts.get(path) as string))
        .map((path) => `${path}: name the file after its idea and import it directly`),
    );
  });

  it('keeps files, functions and lines short enough to read', () => {
    complain(
      [...texts].flatMap(([path, text]) => {
        const lines = text.split('\n');
        const complaints: string[] = [];
        const most = isTest(path) ? 600 : 300;
        if (lines.length > most + 1)
          complaints.push(`${path}: ${lines.length} lines; one idea a file, at most ${most}`);
        const width = isTest(path) ? 160 : path.startsWith('libs/contracts/') ? 160 : 120;
        lines.forEach((line, n) => {
          if ([...line].length > width && !/https?:|['"`].{80,}['"`]|^\s*\/\//.test(line)) {
            complaints.push(`${path}:${n + 1}: ${[...line].length} columns; at most ${width}`);
          }
        });
        return [...complaints, ...(isTest(path) ? [] : longFunctions(path, lines))];
      }),
    );
  });

  it('uses no banned word', () => {
    complain(
      [...texts].flatMap(([path, text]) =>
        path === 'test/tidy.spec.ts'
          ? []
          : bans
              .filter((ban) => ban.where(path))
              .flatMap(({ word, remedy }) => {
                const match = word.exec(text);
                return match ? [`${path}:${lineOf(text, match.index)}: ${match[0].trim()}: ${remedy}`] : [];
              }),
      ),
    );
  });

  it('names files in kebab-case and opens library files with the reason why they exist', () => {
    complain(
      sources.flatMap((path) => {
        const name = path.split('/').at(-1) as string;
        const complaints = /^[a-z0-9-]+(\.[a-z0-9-]+)*\.tsx?$/.test(name) ? [] : [`${path}: kebab-case, please`];
        const opens = /^(#!|\/\/|\/\*\*)/.test(texts.get(path) as string);
        if (path.startsWith('libs/') && !isTest(path) && !opens)
          complaints.push(`${path}: begin with a sentence that says why`);
        return complaints;
      }),
    );
  });

  it('has no file that nothing refers to', () => {
    const used = new Set(imports.map(({ target }) => target));
    const words = tracked
      .filter(
        (path) =>
          /^(package\.json|nest-cli\.json|scripts\/|\.ci\/|libs|apps|test)/.test(path) &&
          /\.(json|mjs|ts|tsx|html)$|run$/.test(path),
      )
      .map((path) => readFileSync(join(root, path), 'utf8'))
      .join('\n');
    complain(
      sources
        .filter((path) => !isTest(path) && !used.has(path) && !/(^|\/)main\.tsx?$|\.config\.ts$/.test(path))
        .filter(
          (path) =>
            !words.includes(path.replace(/\.tsx?$/, '')) &&
            !words.includes(
              `${path
                .split('/')
                .at(-1)
                ?.replace(/\.tsx?$/, '')}.js`,
            ),
        )
        .map((path) => `${path}: nothing imports it; delete it or use it`),
    );
  });

  it('has a sentence for each refusal code', () => {
    const messages = readFileSync(join(root, 'libs/contracts/messages.zh.ts'), 'utf8');
    complain(
      [...texts]
        .filter(([path]) => !isTest(path) && !isWeb(path))
        .flatMap(([path, text]) =>
          [...text.matchAll(/(?:new Refused\(|demand\([^;]*?,\s*)'([a-z][A-Za-z]*\.[A-Za-z]+)'/gs)]
            .map((match) => match[1] as string)
            .filter((code) => !messages.includes(`'${code}':`))
            .map((code) => `${path}: ${code} has no sentence in libs/contracts/messages.zh.ts`),
        ),
    );
  });

  it('has a row in the glossary for each published event and each slice', () => {
    const glossary = readFileSync(join(root, 'GLOSSARY.md'), 'utf8');
    const events = readFileSync(join(root, 'libs/contracts/events.ts'), 'utf8').matchAll(
      /^ {2}'([a-z]+\.([a-z-]+)\.v\d+)':/gm,
    );
    const slices = new Set(
      sources
        .map((path) => /^apps\/(?:commission|organization|inspection)\/src\/([^/]+)\//.exec(path)?.[1])
        .filter((name) => name !== undefined),
    );
    complain([
      ...[...events]
        .map((match) => match[2] as string)
        .filter((name) => !glossary.includes(name))
        .map((name) => `GLOSSARY.md lacks the event ${name}`),
      ...[...slices].filter((name) => !glossary.includes(name)).map((name) => `GLOSSARY.md lacks the slice ${name}`),
    ]);
  });

  it('explains every npm script in npm run help', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const help = readFileSync(join(root, 'scripts/help.mjs'), 'utf8');
    complain(
      Object.keys(scripts)
        .filter((name) => !new RegExp(`^ {2}(${name}|'${name}'): `, 'm').test(help))
        .map((name) => `scripts/help.mjs lacks ${name}`),
    );
  });
});

function longFunctions(path: string, lines: readonly string[]): string[] {
  const complaints: string[] = [];
  lines.forEach((line, from) => {
    const opened =
      /^(\s*)(?:export )?(?:async )?(?:function\b|(?:private |public |protected |static |override )*(?:async )?\*?\w+\([^)]*\).*\{$)/.exec(
        line,
      );
    if (!opened || /^\s*(if|for|while|switch|return|await)\b/.test(line)) return;
    const length = lines.slice(from).findIndex((each, n) => n > 0 && each.startsWith(`${opened[1]}}`));
    if (length > 70) complaints.push(`${path}:${from + 1}: a function of ${length} lines; at most 70`);
  });
  return complaints;
}

function cyclesIn(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[][] = [];
  const visit = (at: string, trail: readonly string[]): void => {
    if (state.get(at) === 'done') return;
    if (state.get(at) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(at)), at]);
      return;
    }
    state.set(at, 'open');
    for (const next of edges.get(at) ?? []) visit(next, [...trail, at]);
    state.set(at, 'done');
  };
  for (const at of edges.keys()) visit(at, []);
  return cycles;
}
