import { sampleJournal, sharedOrigin } from '#testing/sample-journal';
import { checkAnchors, readAnchors, writeAnchors } from './anchors-file';
import type { AnchorFinding, OpenedAnchor } from './anchors-file';
import { isAnchorType } from './anchor';
import { parseEntry } from './entry';

const lastAt = '2026-03-02T00:50:00.000Z';

function findings(
  { log, anchors }: Pick<ReturnType<typeof sampleJournal>, 'log' | 'anchors'>,
  change: (anchors: OpenedAnchor[]) => OpenedAnchor[] = (all) => all,
  until = lastAt,
): AnchorFinding[] {
  const file = readAnchors(writeAnchors({ log: sharedOrigin, anchors: change([...anchors]) }));
  const shared = log.entries.flatMap((bytes, n) =>
    isAnchorType(parseEntry(bytes)['type']) ? [{ index: BigInt(n), bytes }] : [],
  );
  return [...checkAnchors(file, shared, until)];
}
const journal = sampleJournal();
const [first, second] = [journal.anchors[0]!, journal.anchors[1]!];

describe('all anchors of a journal', () => {
  it('open, lead to one another, and none is missing', () => expect(findings(journal)).toEqual([]));

  it.each([
    ['one is left out', (all: OpenedAnchor[]) => all.filter((_, n) => n !== 2), 5n],
    ['one has another salt', (all: OpenedAnchor[]) => all.with(1, { ...second, salt: first.salt }), 3n],
    [
      'one has another checkpoint',
      (all: OpenedAnchor[]) => all.with(1, { ...second, checkpoint: first.checkpoint }),
      3n,
    ],
    [
      'a proof does not lead on',
      (all: OpenedAnchor[]) => all.with(3, { ...all[3]!, consistency: all[2]!.consistency }),
      7n,
    ],
    ['one more is given than the log has', (all: OpenedAnchor[]) => [...all, { ...second, index: 11n }], 11n],
  ])('names the first bad one when %s', (_what, change, index) =>
    expect(findings(journal, change)).toMatchObject([{ kind: 'invalid', index }]),
  );

  it('names the anchor before which the journal was rewritten', () => {
    const rewritten = sampleJournal({ swapped: true });
    const anchors = journal.anchors.map((anchor, n) => (n < 2 ? anchor : rewritten.anchors[n]!));
    const mixed = sampleJournal({ anchors });
    expect(findings(mixed)).toMatchObject([{ kind: 'invalid', index: 5n, what: expect.stringContaining('rewritten') }]);
  });

  it('names the anchor for which no proof is given, and goes on', () =>
    expect(findings(journal, (all) => all.with(3, { ...all[3]!, consistency: [] }))).toMatchObject([
      { kind: 'unproven', index: 7n },
    ]));

  it('names where the agency was silent for more than two cadences', () => {
    expect(findings(sampleJournal({ silent: 20 }))).toEqual([]);
    expect(findings(sampleJournal({ silent: 21 }), undefined, '2026-03-02T00:52:00Z')).toMatchObject([
      { kind: 'silent', index: 9n },
    ]);
    expect(findings(journal, undefined, '2026-03-02T01:00:01Z')).toMatchObject([{ kind: 'silent', index: 9n }]);
  });
});
