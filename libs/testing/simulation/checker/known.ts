// C6, C9: nobody acts on what he does not hold yet, and nobody learns what is not his to know.
import type { Run } from '../history';
import type { Finding } from './finding';

/**
 * C6: what an author says he had seen of the others' logs, his agency held and had proven by then; and what a reactor acts
 * upon was held when it acted.
 */
export function demandKnowledge(run: Run): Finding[] {
  return run.places.flatMap(({ agency, events, knew, acted }) => {
    const held = new Map(knew.map((each) => [each.id, each.held]));
    const early = events.flatMap(({ id, seen }) =>
      Object.entries(seen)
        .filter(([origin, size]) => size > (held.get(id)?.[origin] ?? 0))
        .map(([origin, size]) =>
          c6(`${agency} says it had seen ${size} entries of ${origin} and held ${held.get(id)?.[origin] ?? 0}`, id),
        ),
    );
    const hasty = acted.flatMap(({ on, cause, held: then }) => {
      const size = cause ? then[cause.origin] : undefined;
      if (!cause || size === undefined || cause.index < size) return [];
      return [c6(`${agency} acted on entry ${cause.index} of ${cause.origin} and held ${size}`, on)];
    });
    return [...early, ...hasty];
  });
}

function c6(sentence: string, witness: string): Finding {
  return { rule: 'C6', sentence, witness };
}

/** C9: no text that belongs to one agency alone is in what any agency has sent or holds of another. */
export function demandSecrecy(run: Run): Finding[] {
  const texts = new Map(run.secrets.map(({ text, agency }) => [text, { agency, bytes: Buffer.from(text) }]));
  const findings: Finding[] = [];
  for (const [text, { agency, bytes }] of texts) {
    const sent = run.sent.find((each) => Buffer.from(each.bytes).includes(bytes));
    if (sent)
      findings.push({
        rule: 'C9',
        sentence: `a secret of ${agency} was sent by ${sent.agency} in ${sent.what}`,
        witness: text,
      });
  }
  return findings;
}
