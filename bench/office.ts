// An inspection office with a ledger of any length: its real service, and rows in its read models that the real folds
// made of made-up histories.
import { join } from 'node:path';
import type { AnyView, View } from '#kernel/view';
import { urlOfRunning } from '#chassis/database-url';
import { snake, tableOf } from '#chassis/views/table';
import { ledger } from '#joint/ledger/ledger';
import { rounds } from '#joint/ledger/rounds';
import { admit, officers } from '../apps/region/src/people';
import type { Person } from '../apps/region/src/people';
import { Region } from '../apps/region/src/region';
import { historyOf, opening, published } from './histories';
import { numbersOf } from './chinese';
import { Caller, cookieOf } from './http-load';
import { copyField, copyIn, withClient } from './loaded';

export type Office = {
  readonly region: Region;
  readonly url: string;
  readonly database: string;
  readonly cookie: string;
  readonly clerk: Person;
};

/** Starts a region and leaves the office alone in it, so that its peers do not use the cores. */
export async function startOffice(data: string): Promise<Office> {
  const region = await Region.start({ data, env: { API_PER_MINUTE: '1000000' } });
  await region.stopAgency('commission');
  await region.stopAgency('organization');
  const clerk = officers([]).find(({ role }) => role === 'inspectionOffice') as Person;
  await admit(region, [clerk]);
  const url = region.urls.inspection;
  const database = await urlOfRunning(join(region.folder('inspection'), 'postgres'));
  return { region, url, database, clerk, cookie: await cookieOf(url, clerk.login, clerk.password) };
}

export function callersOf(count: number, { url, cookie }: Pick<Office, 'url' | 'cookie'>): Caller[] {
  return Array.from({ length: count }, () => new Caller(url, 1, cookie));
}

/** Ledger rows of so many issues, each as far as its number says. */
export async function fillLedger(database: string, issues: number): Promise<void> {
  const openings = [...opening()];
  const ids = new Set(openings.flatMap(({ data }) => String(data['roundId'])));
  const roundRows = [...ids].map((id) => folded(rounds, id, openings));
  await fill(database, rounds, roundRows);
  const rows = function* (): Generator<{ readonly id: string }> {
    for (let n = 0; n < issues; n++) {
      const history = [...historyOf(n, 1 + Math.floor(numbersOf(-n)() * 13))];
      yield folded(ledger, String(history[0]?.data['issueId']), history);
    }
  };
  await fill(database, ledger, rows());
}

type Row = { readonly id: string };

function folded<R extends Row>(view: View<R>, id: string, history: Parameters<typeof published>[0][]): Row {
  let row: R | undefined;
  history.forEach((told, index) => {
    const event = published(told, index);
    if (view.keys(event).includes(id)) row = view.evolve(row, event, id);
  });
  if (!row) throw new Error(`${view.name} has no row ${id}`);
  return row;
}

async function fill(database: string, view: AnyView, rows: Iterable<Row>): Promise<void> {
  const names = Object.keys(view.columns);
  const lines = function* (): Generator<string> {
    for (const row of rows) yield `${names.map((name) => stored(view, name, row)).join('\t')}\n`;
  };
  await copyIn(database, `${tableOf(view)} (${names.map(snake).join(', ')})`, lines());
  await withClient(database, (client) => client.query(`vacuum analyze ${tableOf(view)}`));
}

function stored(view: AnyView, name: string, row: Row): string {
  const value = (row as unknown as Record<string, unknown>)[name];
  switch (view.columns[name]) {
    case 'json':
      return copyField(JSON.stringify(value));
    case 'texts':
      return copyField(`{${(value as string[]).map((each) => JSON.stringify(each)).join(',')}}`);
    default:
      return copyField(value as string | number);
  }
}
