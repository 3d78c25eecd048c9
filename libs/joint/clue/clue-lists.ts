// Lists of clues as those see them who can open them: what was handed over, and who signed for it. An agency that can
// open none has no row, so it has nothing to count either.
import type { Agency } from '#kernel/envelope';
import type { View } from '#kernel/view';
import type { Clue, ClueListLine, HandOverKind } from '#contracts/clues';
import type { PublishedData } from '#contracts/events';
import { shown } from '../shown';

export type ClueListRow = {
  /** The hand-over's id. */
  readonly id: string;
  readonly roundId: string;
  readonly kind: HandOverKind | '';
  readonly count: number;
  readonly clues: readonly Clue[];
  readonly handedOverBy: ClueListLine['handedOverBy'];
  readonly handedOverAt: string;
  /** By agency, so that the order in which receipts arrive does not show. */
  readonly receipts: { readonly [agency in Agency]?: Omit<ClueListLine['receipts'][number], 'agency'> };
};

const nobody = { id: '', name: '', role: '' };
const empty: Omit<ClueListRow, 'id'> = {
  ...{ roundId: '', kind: '', count: 0, clues: [], handedOverBy: nobody, handedOverAt: '', receipts: {} },
};

export const clueLists: View<ClueListRow> = {
  name: 'clueLists',
  version: 1,
  columns: {
    ...{ id: 'text', roundId: 'text', kind: 'text', count: 'integer', clues: 'json' },
    ...{ handedOverBy: 'json', handedOverAt: 'text', receipts: 'json' },
  },
  keys(event) {
    const known = shown(event);
    switch (known?.type) {
      case 'inspection.clue-handed-over.v1':
      case 'inspection.clue-dual-handed-over.v1':
      case 'commission.clue-received.v1':
      case 'organization.clue-received.v1':
        return [known.data.handOverId];
      default:
        return [];
    }
  },
  evolve(row, event, id) {
    const known = shown(event);
    const before = row ?? { id, ...empty };
    switch (known?.type) {
      case 'inspection.clue-handed-over.v1':
        return { ...before, ...handedOver(known.data, known.at), kind: 'single' };
      case 'inspection.clue-dual-handed-over.v1':
        return { ...before, ...handedOver(known.data, known.at), kind: 'dual' };
      case 'commission.clue-received.v1':
      case 'organization.clue-received.v1': {
        const receipt = { receivedBy: known.data.receivedBy, at: known.at };
        return { ...before, receipts: { ...before.receipts, [known.agency]: receipt } };
      }
      default:
        return row;
    }
  },
};

function handedOver(data: PublishedData<'inspection.clue-handed-over.v1'>, handedOverAt: string) {
  const { roundId, count, clues, handedOverBy } = data;
  return { roundId, count, clues, handedOverBy, handedOverAt };
}

export function lineOf(row: ClueListRow): ClueListLine | undefined {
  const { id: handOverId, roundId, kind, count, handedOverBy, handedOverAt } = row;
  // A receipt whose list is not known here is no list.
  if (kind === '') return undefined;
  const receipts = Object.entries(row.receipts).map(([agency, receipt]) => ({ agency: agency as Agency, ...receipt }));
  return { handOverId, roundId, kind, count, handedOverBy, handedOverAt, receipts };
}
