// Rounds as every agency knows them, with the receipts that the others gave: how many issues each holds.
import type { Published } from '#kernel/envelope';
import type { View } from '#kernel/view';
import type { RoundLine } from '#contracts/answers';
import type { PublishedData } from '#contracts/events';
import type { WitnessStatus } from '#contracts/witnesses';
import type { Authority } from '../close-out';
import { shown } from '../shown';

type Opened = PublishedData<'inspection.round-opened.v1'>;
/** With the id of the event that told it, by which its address is found. */
type ReceiptLine = Omit<RoundLine['receipts'][number], 'witness'> & { readonly toldBy: string };

export type RoundRow = {
  readonly id: string;
  /** 1 once the round's opening is here. */
  readonly known: number;
  readonly year: number;
  readonly closed: number;
  readonly opened: Opened | Record<string, never>;
  readonly organisations: RoundLine['organisations'];
  /** By agency, each in the order of its own log. */
  readonly receipts: { readonly [agency in Authority]?: readonly ReceiptLine[] };
};

export const rounds: View<RoundRow> = {
  name: 'rounds',
  version: 2,
  columns: {
    id: 'text',
    known: 'integer',
    year: 'integer',
    closed: 'integer',
    opened: 'json',
    organisations: 'json',
    receipts: 'json',
  },
  keys(event) {
    switch (event.type) {
      case 'inspection.round-opened.v1':
      case 'inspection.organisation-enrolled.v1':
      case 'inspection.round-closed.v1':
      case 'commission.feedback-received.v1':
      case 'organization.feedback-received.v1': {
        const known = shown(event);
        return known && 'roundId' in known.data ? [known.data.roundId] : [];
      }
      default:
        return [];
    }
  },
  evolve(row = unknownRound(''), published: Published, id) {
    const event = shown(published);
    switch (event?.type) {
      case 'inspection.round-opened.v1':
        return { ...row, id, known: 1, year: event.data.year, opened: event.data };
      case 'inspection.organisation-enrolled.v1': {
        const { unitId, unitName } = event.data;
        return { ...row, id, organisations: [...row.organisations, { unitId, unitName }] };
      }
      case 'inspection.round-closed.v1':
        return { ...row, id, closed: 1 };
      case 'commission.feedback-received.v1':
      case 'organization.feedback-received.v1': {
        const agency = event.type === 'commission.feedback-received.v1' ? 'commission' : 'organization';
        const { feedbackId, held } = event.data;
        const lines = [...(row.receipts[agency] ?? []), { agency, feedbackId, held, at: event.at, toldBy: event.id }];
        return { ...row, id, receipts: { ...row.receipts, [agency]: lines } };
      }
      default:
        return row.id === '' ? undefined : row;
    }
  },
};

function unknownRound(id: string): RoundRow {
  return { id, known: 0, year: 0, closed: 0, opened: {}, organisations: [], receipts: {} };
}

/** Events that told the receipts of a round. */
export function receiptEvents({ receipts }: RoundRow): string[] {
  return [...(receipts.commission ?? []), ...(receipts.organization ?? [])].map(({ toldBy }) => toldBy);
}

/**
 * The line that consoles show; undefined for a round that only receipts speak of so far.
 * @param witnessed by event id; what is not in it is in no log yet
 */
export function roundLineOf(row: RoundRow, witnessed: ReadonlyMap<string, WitnessStatus>): RoundLine | undefined {
  if (row.known !== 1) return undefined;
  const { roundId, name, term, year, tier, ruleSet } = row.opened as Opened;
  const told = [...(row.receipts.commission ?? []), ...(row.receipts.organization ?? [])];
  const receipts = told.map(({ toldBy, ...receipt }) => ({ ...receipt, witness: witnessed.get(toldBy) ?? 'recorded' }));
  return {
    roundId,
    name,
    term,
    year,
    tier,
    ruleSet,
    closed: row.closed === 1,
    organisations: row.organisations,
    receipts,
  };
}
