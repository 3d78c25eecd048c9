// Ten thousand passports, each changed in one way or two, by a fixed seed: none is accepted, and each is refused with a
// reason, never with a crash. Go's packages, which neither read the cover nor ask for an order, judge a sample of those
// whose entries, proofs or checkpoints were changed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coverOfIssue, issueField } from '#joint/passport/cover';
import { sampleEntries, sampleLog } from '#testing/sample-log';
import { sampleIssue, samplePassportLogs, sampleRegion } from '#testing/sample-region';
import { addSignatures } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { formatVkey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import { checkPassport, makePassport, PassportFault } from '#tlog/passport';
import { parsePolicy } from '#tlog/policy';
import { ask, describeWithGo, foreignProgram } from './program';

const count = 10_000;
const sampled = 400;
const program = foreignProgram();
const region = sampleRegion();
const policy = parsePolicy(region.policy);
const [, , inspection] = region.logs;

/** Numbers from 0 to 1 that follow from a seed (an LCG of 32 bits). */
function numbersOf(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

type Next = () => number;
type Mutation = { readonly name: string; readonly ofProof: boolean; change(text: string, next: Next): string };
const below = (next: Next, end: number): number => Math.floor(next() * end);
const head = (text: string): number => text.indexOf('\n\nentry ') + 8;

/** Two different parts of a text in each other's place. */
function swapped(parts: readonly string[], by: string, next: Next): string {
  const [a, b] = [below(next, parts.length), below(next, parts.length)];
  const all = [...parts];
  [all[a], all[b]] = [all[b]!, all[a]!];
  return all.join(by);
}

/** Another signed state of the inspection office's log, with the same witnesses' lines. */
const otherNotes = [40, 300].map((size) => {
  const log = sampleLog(sampleEntries(size), { origin: inspection!.origin, seed: new Uint8Array(32).fill(22) });
  const note = parseNote(log.files.get('checkpoint')!);
  return new TextDecoder().decode(
    addSignatures(note, ...region.witnesses.slice(0, 2).map((key) => cosign(note.text, 1_767_139_200n, key))),
  );
});

/** Replaces the nth match, chosen by number. */
function replaced(text: string, pattern: RegExp, by: (found: string) => string, next: Next): string {
  const all = [...text.matchAll(pattern)];
  const { 0: found, index } = all[below(next, all.length)]!;
  return text.slice(0, index) + by(found) + text.slice(index + found.length);
}

const mutations: readonly Mutation[] = [
  {
    name: 'a character of an entry, proof or checkpoint',
    ofProof: true,
    change: (text, next) => {
      const at = head(text) + below(next, text.length - head(text));
      const other = String.fromCharCode(33 + below(next, 90));
      return text.slice(0, at) + other + text.slice(at + 1);
    },
  },
  {
    name: 'a character of the cover',
    ofProof: false,
    change: (text, next) => {
      const at = below(next, head(text));
      return `${text.slice(0, at)}${String.fromCharCode(33 + below(next, 90))}${text.slice(at + 1)}`;
    },
  },
  { name: 'two lines swapped', ofProof: false, change: (text, next) => swapped(text.split('\n'), '\n', next) },
  {
    name: 'two entries swapped',
    ofProof: false,
    change: (text, next) => swapped(text.split('\n\nentry '), '\n\nentry ', next),
  },
  { name: 'cut short', ofProof: false, change: (text, next) => text.slice(0, below(next, text.length)) },
  {
    name: 'a stretch left out',
    ofProof: false,
    change: (text, next) => {
      const at = below(next, text.length);
      return text.slice(0, at) + text.slice(at + 1 + below(next, 40));
    },
  },
  {
    name: 'a character put in',
    ofProof: false,
    change: (text, next) => {
      const at = below(next, text.length + 1);
      return text.slice(0, at) + String.fromCharCode(below(next, 128)) + text.slice(at);
    },
  },
  {
    name: 'a line left out',
    ofProof: false,
    change: (text, next) => {
      const lines = text.split('\n');
      return lines.toSpliced(below(next, lines.length - 1), 1).join('\n');
    },
  },
  {
    name: 'a line twice',
    ofProof: false,
    change: (text, next) => {
      const lines = text.split('\n');
      const at = below(next, lines.length - 1);
      return lines.toSpliced(at, 0, lines[at]!).join('\n');
    },
  },
  {
    name: 'two fields of an entry swapped',
    ofProof: true,
    change: (text, next) =>
      replaced(text, /^\{.*\}$|(?<=\nentry )\{.*\}$/gm, (json) => swapped(json.split(',"'), ',"', next), next),
  },
  {
    name: 'an entry written again in another order',
    ofProof: true,
    change: (text, next) =>
      replaced(
        text,
        /(?<=\nentry )\{.*\}$/gm,
        (json) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(json) as object).reverse())),
        next,
      ),
  },
  {
    name: 'another index',
    ofProof: true,
    change: (text, next) =>
      replaced(text, /(?<=\nindex )\d+/g, (index) => String(Number(index) + 1 + below(next, 9)), next),
  },
  {
    name: 'another checkpoint of the same log',
    ofProof: true,
    change: (text, next) =>
      replaced(
        text,
        /inspection\.example\.gov\.cn\/events\/v1\n300\n[^]*?(?=\n\nentry |$)/g,
        () => otherNotes[below(next, 2)]!.trimEnd(),
        next,
      ),
  },
  {
    name: 'another witness’s line',
    ofProof: true,
    change: (text, next) => {
      const lines = [...text.matchAll(/^— \S+\/witness\/v1 \S+$/gm)].map(([line]) => line);
      return replaced(text, /^— \S+\/witness\/v1 \S+$/gm, () => lines[below(next, lines.length)]!, next);
    },
  },
];

let folder: string;
/** Of all three logs, and of one alone, whose signatures are soon checked. */
let passports: readonly string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-mutated-'));
  const subject = { field: issueField, value: sampleIssue };
  const logs = await samplePassportLogs(region);
  passports = [logs, logs.slice(2)].map((parts) =>
    new TextDecoder().decode(makePassport(subject, parts, coverOfIssue)),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The nth changed passport; a change that changes nothing is tried again, and every fourth time another is made on top. */
function mutated(n: number, from: readonly Mutation[]): { text: string; name: string } {
  const next = numbersOf(n * 2_654_435_761);
  const mutation = from[n % from.length]!;
  const whole = passports[next() < 0.1 ? 0 : 1]!;
  for (;;) {
    const once = mutation.change(whole, next);
    const text = n % 4 === 3 && once.includes('\n\nentry ') ? from[0]!.change(once, next) : once;
    if (text !== whole) return { text, name: mutation.name };
  }
}

describe(`${count} changed passports`, () => {
  it('are all refused by our verifier, each with a reason', () => {
    const wrong: string[] = [];
    const kinds = new Set<string>();
    for (let n = 0; n < count; n++) {
      const { text, name } = mutated(n, mutations);
      try {
        checkPassport(new TextEncoder().encode(text), policy, coverOfIssue);
        wrong.push(`${n} (${name}) was accepted`);
      } catch (error) {
        if (error instanceof PassportFault) kinds.add(error.kind);
        else wrong.push(`${n} (${name}) broke the verifier: ${String(error)}`);
      }
    }
    expect(wrong).toEqual([]);
    expect([...kinds].sort()).toEqual(['checkpoint', 'cover', 'form', 'inclusion', 'key', 'subject', 'witnesses']);
  });

  describeWithGo('of which the foreign verifier refuses its sample', program, () => {
    it(`all ${sampled}`, async () => {
      const ofProof = mutations.filter((each) => each.ofProof);
      const files = Array.from({ length: sampled }, (_, n) => {
        const path = join(folder, String(n));
        writeFileSync(path, mutated(n, ofProof).text);
        return path;
      });
      const keys = [
        ...region.logs.flatMap(({ vkey }) => ['-log', vkey]),
        ...region.witnesses.flatMap((key) => ['-witness', formatVkey(key)]),
      ];
      const { code, out, err } = await ask(program, ...keys, '-enough', '2', ...files);
      expect(out).toBe('');
      expect(err.match(/^refused: /gm)).toHaveLength(sampled);
      expect(code).toBe(1);
    });
  });
});
