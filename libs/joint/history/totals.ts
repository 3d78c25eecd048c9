// Totals by state, twice: as this agency's ledger has them, and folded anew from the entries of the three logs, which the
// agencies hold alike. Equal logs leave one right ledger (contexts.md I7), so a difference is in the ledger, and is named.
import type { Agency, Basis, Entry } from '#kernel/envelope';
import type { IssueStatus } from '#contracts/answers';
import type { Totals } from '#contracts/history';
import { publishedOf } from '#contracts/published';
import { statusWords } from '#contracts/words.zh';
import { ledger } from '../ledger/ledger';
import type { LedgerRow } from '../ledger/ledger';

/** What is compared of a line, with the name that people know it by. */
const compared = {
  status: '状态',
  due: '时限',
  measures: '整改措施',
  evidence: '佐证',
  attempt: '申请次数',
  returns: '退回次数',
  closedOn: '销号日期',
} as const satisfies Partial<Record<keyof LedgerRow, string>>;
type Compared = keyof typeof compared;
const fields = Object.keys(compared) as Compared[];

export const totalled = ['id', 'known', 'number', ...fields] as const satisfies readonly (keyof LedgerRow)[];
export type TotalledRow = Pick<LedgerRow, (typeof totalled)[number]>;

type Told = Omit<Basis, 'hash'> & { readonly agency: Agency; readonly at: string };

/** The ledger folded anew, log by log: the order between logs is of no matter to it. */
export class Recount {
  readonly rows = new Map<string, LedgerRow>();
  /** The newest record about each issue. */
  readonly last = new Map<string, Told>();
  setAside = 0;
  private readonly parked = new Set<string>();

  take(agency: Agency, address: Basis, entry: Entry): void {
    const stream = `${address.origin} ${entry.stream}`;
    const event = publishedOf(agency, address, entry);
    // As the read models do: what cannot be read parks its stream, and is counted.
    if ('flaw' in event || this.parked.has(stream)) {
      this.parked.add(stream);
      this.setAside += 1;
      return;
    }
    const { origin, index } = address;
    for (const id of ledger.keys(event)) {
      const row = ledger.evolve(this.rows.get(id), event, id);
      if (row) this.rows.set(id, row);
      if ((this.last.get(id)?.at ?? '') <= event.at) this.last.set(id, { agency, origin, index, at: event.at });
    }
  }
}

/** @param rows of the live ledger, at the sizes up to which the recount has gone */
export function totalsOf(
  rows: readonly TotalledRow[],
  recount: Recount,
): Pick<Totals, 'states' | 'setAside' | 'differences' | 'first'> {
  const own = new Map(rows.filter(isKnown).map((row) => [row.id, row]));
  const logs = new Map([...recount.rows].filter(([, row]) => isKnown(row)));
  const differing = [...new Set([...own.keys(), ...logs.keys()])].flatMap((issueId) => {
    const found = differenceOf(own.get(issueId), logs.get(issueId));
    return found ? [{ issueId, ...found, ...recount.last.get(issueId) }] : [];
  });
  // The oldest record first; what no log has ever told stands before all.
  differing.sort((a, b) => ((a.at ?? '') < (b.at ?? '') ? -1 : 1));
  const [first] = differing;
  return {
    states: (Object.keys(statusWords) as IssueStatus[]).map((status) => ({
      status,
      ledger: countOf(own, status),
      logs: countOf(logs, status),
    })),
    setAside: recount.setAside,
    differences: differing.length,
    ...(first && { first }),
  };
}

function isKnown({ known }: { readonly known: number }): boolean {
  return known !== 0;
}

function countOf(rows: ReadonlyMap<string, TotalledRow>, status: IssueStatus): number {
  return [...rows.values()].filter((row) => row.status === status).length;
}

function differenceOf(
  own: TotalledRow | undefined,
  logs: TotalledRow | undefined,
): Pick<NonNullable<Totals['first']>, 'number' | 'field' | 'ledger' | 'logs'> | undefined {
  const number = (logs ?? own)?.number ?? '';
  if (!own || !logs) return { number, field: '登记', ledger: own ? '有' : '没有', logs: logs ? '有' : '没有' };
  const field = fields.find((each) => own[each] !== logs[each]);
  return field && { number, field: compared[field], ledger: wordsOf(own, field), logs: wordsOf(logs, field) };
}

function wordsOf(row: TotalledRow, field: Compared): string {
  return field === 'status' ? statusWords[row.status] : String(row[field]);
}
