// Lists of clues as those see them who can open them: what was handed over, who signed for it, and who has destroyed its
// words. The words themselves are in no row. An agency that can open no list has no row, so it has nothing to count either.
import type { Agency } from '#kernel/envelope';
import type { View } from '#kernel/view';
import type { ClueDestruction, ClueListLine, ClueReceiptLine, HandOverKind } from '#contracts/clues';
import { receiversOf } from '#contracts/clues';
import type { PublishedData } from '#contracts/events';
import { shown } from '../shown';

export type ClueListRow = {
  /** The hand-over's id. */
  readonly id: string;
  readonly roundId: string;
  readonly kind: HandOverKind | '';
  readonly count: number;
  readonly handedOverBy: ClueListLine['handedOverBy'];
  readonly handedOverAt: string;
  /** By agency, so that the order in which receipts arrive does not show. */
  readonly receipts: { readonly [agency in Agency]?: Omit<ClueReceiptLine, 'agency'> };
  readonly destructions: { readonly [agency in Agency]?: Omit<ClueDestruction, 'agency'> };
};

const nobody = { id: '', name: '', role: '' };
const empty: Omit<ClueListRow, 'id'> = {
  ...{ roundId: '', kind: '', count: 0, handedOverBy: nobody, handedOverAt: '', receipts: {}, destructions: {} },
};

export const clueLists: View<ClueListRow> = {
  name: 'clueLists',
  version: 2,
  columns: {
    ...{ id: 'text', roundId: 'text', kind: 'text', count: 'integer' },
    ...{ handedOverBy: 'json', handedOverAt: 'text', receipts: 'json', destructions: 'json' },
  },
  keys(event) {
    const known = shown(event);
    switch (known?.type) {
      case 'inspection.clue-handed-over.v1':
      case 'inspection.clue-dual-handed-over.v1':
      case 'commission.clue-received.v1':
      case 'organization.clue-received.v1':
      case 'commission.clue-destroyed.v1':
      case 'organization.clue-destroyed.v1':
      case 'inspection.clue-destroyed.v1':
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
      case 'commission.clue-destroyed.v1':
      case 'organization.clue-destroyed.v1':
      case 'inspection.clue-destroyed.v1': {
        const { requestedBy, confirmedBy } = known.data;
        const destruction = { requestedBy, confirmedBy, at: known.at };
        return { ...before, destructions: { ...before.destructions, [known.agency]: destruction } };
      }
      default:
        return row;
    }
  },
};

function handedOver(data: PublishedData<'inspection.clue-handed-over.v1'>, handedOverAt: string) {
  const { roundId, count, handedOverBy } = data;
  return { roundId, count, handedOverBy, handedOverAt };
}

/** @param own whose copy of the words the line speaks of */
export function lineOf(row: ClueListRow, own: Agency): ClueListLine | undefined {
  const { id: handOverId, roundId, kind, count, handedOverBy, handedOverAt } = row;
  // A receipt whose list is not known here is no list.
  if (kind === '') return undefined;
  const receipts = Object.entries(row.receipts).map(([agency, receipt]) => ({ agency: agency as Agency, ...receipt }));
  const destructions = Object.entries(row.destructions).map(([agency, each]) => ({
    agency: agency as Agency,
    ...each,
  }));
  const body = row.destructions[own] ? '已销毁' : '密封';
  return { handOverId, roundId, kind, count, handedOverBy, handedOverAt, receipts, destructions, body };
}

/** Whether the hand-over is over for an agency: it has signed, or all have to whom it handed over. */
export function isSigned({ kind, receipts }: Pick<ClueListLine, 'kind' | 'receipts'>, own: Agency): boolean {
  const signed = receipts.map(({ agency }) => agency);
  return own === 'inspection' ? receiversOf[kind].every((each) => signed.includes(each)) : signed.includes(own);
}
