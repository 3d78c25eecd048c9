// C1, C2, C8: what was answered has happened, once; what was refused has not; and revisions tell who was first.
import type { Append, Happening, Run, StoredEvent } from '../history';
import { by } from './finding';
import type { Finding } from './finding';

type Attempt = Happening & { readonly asked: Append };

/** C1: every `ok` is stored, once; every `fail` is not; `info` either way. One wish takes effect at most once. */
export function demandOutcomes(run: Run): Finding[] {
  const events = eventsByCommand(run);
  const attempts = by(
    appendsOf(run).filter(({ kind }) => kind !== 'invoke'),
    ({ asked }) => asked.commandId,
  );
  const findings = [...attempts].flatMap(([commandId, tries]) => outcomeOf(tries, events.get(commandId) ?? []));
  const wishes = by(
    [...attempts.values()].map((tries) => tries[0]!),
    ({ asked }) => asked.wish,
  );
  for (const [wish, commands] of wishes) {
    const done = commands.filter(({ asked }) => events.has(asked.commandId));
    if (done.length > 1) findings.push(c1('one wish took effect more than once', wish, done[0]!));
  }
  return findings;
}

function outcomeOf(tries: readonly Attempt[], events: readonly StoredEvent[]): Finding[] {
  const ok = tries.find(({ kind }) => kind === 'ok');
  const [first] = tries;
  if (new Set(events.map(({ append }) => append)).size > 1) {
    return [c1('one command took effect more than once', events.map(({ id }) => id).join(), first!)];
  }
  if (!ok) {
    const refused = events.length > 0 && tries.every(({ kind }) => kind === 'fail');
    return refused ? [c1('a command was refused and yet took effect', events[0]!.id, first!)] : [];
  }
  if (events.length === 0) return [c1('a command was answered and is lost', `revision ${ok.revision}`, ok)];
  const last = events.at(-1)!;
  if (last.revision === ok.revision && last.position === ok.position) return [];
  return [c1('a command stands elsewhere than it was told', `revision ${last.revision}, told ${ok.revision}`, ok)];
}

function c1(sentence: string, witness: string, { asked }: Attempt): Finding {
  return { rule: 'C1', sentence: `${sentence}: ${asked.command} of ${asked.stream}`, witness };
}

/** C2: the revisions of a stream are dense, an append lies in one piece, and of two with one expectation one wins. */
export function demandRevisions(run: Run): Finding[] {
  const findings: Finding[] = [];
  for (const { agency, events } of run.places) {
    for (const [stream, own] of by(events, (event) => event.stream)) {
      const at = own.findIndex(({ revision }, n) => revision !== n);
      if (at >= 0) findings.push(c2(`${agency}: revision ${at} of ${stream} is not there`, own[at]!.id));
    }
    const torn = events.find(
      ({ append }, n) => events[n - 1]?.append !== append && events.findIndex((e) => e.append === append) < n,
    );
    if (torn) findings.push(c2(`${agency}: an append does not lie in one piece`, torn.id));
  }
  return [...findings, ...lostUpdates(run)];
}

function lostUpdates(run: Run): Finding[] {
  const events = eventsByCommand(run);
  return appendsOf(run).flatMap(({ kind, asked }) => {
    const [first] = events.get(asked.commandId) ?? [];
    if (kind !== 'ok' || asked.expected === undefined || !first || first.revision === asked.expected + 1) return [];
    const what = `${asked.command} was decided on revision ${asked.expected} of ${asked.stream}`;
    return [c2(`${what} and stands at ${first.revision}: what came between is overridden`, first.id)];
  });
}

function c2(sentence: string, witness: string): Finding {
  return { rule: 'C2', sentence, witness };
}

/** C8: what somebody asks who has no right to it never happens. */
export function demandRights(run: Run): Finding[] {
  const events = eventsByCommand(run);
  return appendsOf(run)
    .filter(
      ({ kind, asked }) => !asked.allowed && (kind === 'ok' || (kind !== 'invoke' && events.has(asked.commandId))),
    )
    .map(({ asked, session }) => {
      return {
        rule: 'C8',
        sentence: `${session} did ${asked.command} of ${asked.stream} without the right to it`,
        witness: asked.commandId,
      };
    });
}

export function appendsOf(run: Run): Attempt[] {
  return run.history.filter((happening): happening is Attempt => happening.asked.what === 'append');
}

function eventsByCommand(run: Run): Map<string, StoredEvent[]> {
  return by(
    run.places.flatMap(({ events }) => events),
    ({ commandId }) => commandId,
  );
}
