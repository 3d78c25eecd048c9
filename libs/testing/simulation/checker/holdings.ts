// C5, I7: what each party holds of each log is a prefix of it, in the end all of it; what it shows is the pure fold of
// that; and all parties show the same.
import { canonicalize } from '#kernel/canonical-json';
import type { Entry, Published } from '#kernel/envelope';
import type { AnyView } from '#kernel/view';
import { publishedOf } from '#contracts/published';
import { ledger } from '#joint/ledger/ledger';
import { rounds } from '#joint/ledger/rounds';
import { equal, toHex } from '#tlog/bytes';
import { openCheckpoint } from '#tlog/checkpoint';
import { ForkUnproven, proveFork, readFork } from '#tlog/fork';
import { parseVkey } from '#tlog/key';
import { leafHash } from '#tlog/merkle';
import { NoteFault } from '#tlog/note';
import type { HeldLog, Place, Run } from '../history';
import { told } from '../told';
import { placeOf } from './finding';
import type { Finding, RuleName } from './finding';

type Rows = Map<string, { readonly id: string }>;
const joint: readonly AnyView[] = [ledger, rounds];
const all: readonly AnyView[] = [...joint, told];

/** C5. */
export function demandHoldings(run: Run): Finding[] {
  const held = run.places.flatMap(({ agency, inboxes }) => inboxes.flatMap((inbox) => holding(run, agency, inbox)));
  const audited = run.audited.flatMap((log) => holding(run, 'the auditor', log));
  return [...held, ...audited, ...run.places.flatMap((place) => folding(run, place))];
}

function holding(run: Run, who: string, { origin, entries, stopped, forks }: HeldLog): Finding[] {
  const { log, vkey } = placeOf(run, origin);
  const liar = run.liars.includes(origin);
  const at = entries.findIndex((entry, n) => !log.entries[n] || !equal(entry, log.entries[n]!));
  if (liar && (at >= 0 || stopped !== undefined)) {
    // Whoever was shown the other history must have noticed, and be able to prove it.
    const proven = stopped !== undefined && forks.some((file) => proves(file, vkey));
    return proven
      ? []
      : [
          {
            rule: 'C3',
            sentence: `${who} was shown two histories of ${origin} and cannot prove it`,
            witness: stopped ?? '',
          },
        ];
  }
  if (stopped !== undefined) return [found('C5', `${who} stopped ${origin}, which is honest`, stopped)];
  if (at >= 0) return [found('C5', `${who} holds something else as entry ${at} of ${origin}`, excerpt(entries[at]!))];
  if (entries.length < log.entries.length) {
    return [
      found(
        'C5',
        `${who} holds ${entries.length} of ${log.entries.length} entries of ${origin}`,
        'came to rest before the end',
      ),
    ];
  }
  return [];
}

/**
 * Two notes that contradict each other. When the network failed at that moment, the proof of what the larger tree begins
 * with may be missing; whoever has both logs can make it.
 */
function proves(file: Uint8Array, vkey: string): boolean {
  const key = parseVkey(vkey);
  try {
    const fork = readFork(file);
    if (fork.prefix) return proveFork(fork, key).length === 2;
    const [one, other] = fork.notes.map((note) => openCheckpoint(note, key));
    return one!.text !== other!.text;
  } catch (error) {
    if (error instanceof ForkUnproven || error instanceof NoteFault) return false;
    throw error;
  }
}

function folding(run: Run, place: Place): Finding[] {
  const { agency, events, inboxes, taken, views } = place;
  const end = events.at(-1)?.position ?? 0;
  const own = taken['own'] ?? 0;
  const findings: Finding[] = [];
  if (own !== end) findings.push(found('C5', `${agency}'s views have taken in ${own} of ${end} own events`, ''));
  for (const { origin, entries } of inboxes) {
    const much = taken[origin] ?? 0;
    if (much !== entries.length)
      findings.push(
        found('C5', `${agency}'s views have taken in ${much} of ${entries.length} entries of ${origin}`, ''),
      );
  }
  const shown = events
    .filter(({ position }) => position <= own)
    .flatMap(({ published }) => (published ? [published] : []));
  const peers = inboxes.flatMap(({ origin, entries }) =>
    publishedIn(run, origin, entries.slice(0, taken[origin] ?? 0)),
  );
  const expected = folded(all, [...shown, ...peers]);
  for (const { name } of all)
    findings.push(
      ...different(
        'C5',
        `${agency}'s ${name} is not the fold of what it has taken in`,
        expected.get(name)!,
        views[name] as Rows,
      ),
    );
  return findings;
}

/** I7: joint read models are the same wherever the same logs are held; an outsider gets them, too. */
export function demandAgreement(run: Run): Finding[] {
  const whole = run.places.filter(({ inboxes }) => inboxes.every(({ stopped }) => stopped === undefined));
  const audit = folded(
    joint,
    run.audited.flatMap(({ origin, entries }) => publishedIn(run, origin, entries)),
  );
  return whole.flatMap(({ agency, views }) =>
    joint.flatMap(({ name }) =>
      different('I7', `${agency}'s ${name} is not what the logs give`, audit.get(name)!, views[name] as Rows),
    ),
  );
}

function different(rule: RuleName, sentence: string, expected: Rows, rows: Rows = new Map()): Finding[] {
  const id = [...new Set([...expected.keys(), ...rows.keys()])].find(
    (each) => text(expected.get(each)) !== text(rows.get(each)),
  );
  return id === undefined ? [] : [found(rule, sentence, id)];
}

function text(row: object | undefined): string {
  return row ? canonicalize(row) : '';
}

function publishedIn(run: Run, origin: string, entries: readonly Uint8Array[]): Published[] {
  const { agency } = placeOf(run, origin);
  return entries.flatMap((bytes, index) => {
    const entry = JSON.parse(Buffer.from(bytes).toString('utf8')) as Entry;
    const read = publishedOf(agency, { origin, index, hash: toHex(leafHash(bytes)) }, entry);
    return 'flaw' in read ? [] : [read];
  });
}

function folded(views: readonly AnyView[], events: readonly Published[]): Map<string, Rows> {
  return new Map(
    views.map((view): [string, Rows] => {
      const rows: Rows = new Map();
      for (const event of events) {
        for (const id of view.keys(event)) {
          const row = view.evolve(rows.get(id), event, id) as { readonly id: string } | undefined;
          if (row) rows.set(id, row);
        }
      }
      return [view.name, rows];
    }),
  );
}

function excerpt(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8').slice(0, 120);
}

function found(rule: RuleName, sentence: string, witness: string): Finding {
  return { rule, sentence, witness };
}
