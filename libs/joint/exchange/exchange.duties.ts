// When totals are said and when those of the others are compared.
import { agencies } from '#kernel/envelope';
import type { Agency, Entry } from '#kernel/envelope';
import type { Duty } from '#chassis/duties';
import type { Reads } from '#chassis/reads';
import { ledger } from '../ledger/ledger';
import { Recount, totalled } from '../history/totals';
import { exchange } from './exchange';
import type { ExchangeCommand, Sizes } from './exchange';
import { statedTotals } from './exchange.views';
import type { StatedTotals } from './exchange.views';
import { apartOf, summaryOf } from './summary';

/** A new day is noticed within this; so is what somebody else has said. */
const everySeconds = 10;

/** Says the own totals once a day, from the first day on which there is an issue. */
export const publishTotals: Duty = {
  name: 'publishTotals',
  everySeconds,
  async look({ agency, today, reads, ask }) {
    const done = await reads.rows(statedTotals, 'agency = $1 and day = $2', [agency, today]);
    if (done.length > 0) return;
    const { sizes, rows } = await reads.someWithSizes(ledger, totalled);
    if (!rows.some(({ known }) => known !== 0)) return;
    // A ledger that could not take in everything is known to be short: people look at what was set aside first.
    if ((await reads.parked(ledger)) > 0) return;
    const said = { version: ledger.version, sizes, ...summaryOf(rows) };
    await ask<ExchangeCommand>(exchange, agency, { type: 'PublishTotals', ...said }, today);
  },
};

/** Unanswered totals of one agency that are looked at: what it says cannot be held keeps nobody else's waiting. */
const openOfEach = 30;

/** Folds the logs anew to the sizes that another agency has named, once all of them are held here. */
export function comparing(): Duty {
  // What this version of the code cannot read, or reads otherwise, it does not judge, and does not read again either.
  const unjudged = new Set<string>();
  return {
    name: 'compareTotals',
    everySeconds,
    async look({ agency, reads, logs, ask }) {
      for (const said of await openTotals(reads, agency, logs())) {
        if (unjudged.has(said.id)) continue;
        const recount = await recounted(reads, said.sizes, logs());
        if (recount.setAside > 0) {
          unjudged.add(said.id);
          continue;
        }
        const apart = apartOf(said, recount);
        const answer = { of: said.id, apart: apart ? [apart] : [] };
        await ask<ExchangeCommand>(exchange, agency, { type: 'CompareTotals', ...answer }, said.id);
      }
    },
  };
}

/** The others' totals that have no answer from here and can have one, the newest of each first. */
async function openTotals(reads: Reads, own: Agency, logs: Logs): Promise<StatedTotals[]> {
  const others = agencies.filter((agency) => agency !== own);
  const open = others.map((other) =>
    reads.rows(
      statedTotals,
      'agency = $1 and ledger = $2 and not answers ? $3',
      [other, ledger.version, own],
      `order by day desc limit ${openOfEach}`,
    ),
  );
  return (await Promise.all(open)).flat().filter(({ sizes }) => isHeld(sizes, logs));
}

type Logs = readonly { readonly agency: Agency; readonly origin: string; readonly size: number }[];

function isHeld(sizes: StatedTotals['sizes'], logs: Logs): boolean {
  return Object.entries(sizes).every(([origin, size]) => {
    const held = logs.find((log) => log.origin === origin);
    return size === 0 || (held !== undefined && held.size >= size);
  });
}

async function recounted(reads: Reads, sizes: Sizes, logs: Logs): Promise<Recount> {
  const recount = new Recount();
  for (const { origin, agency } of logs) {
    for await (const page of reads.entries(origin, sizes[origin] ?? 0)) {
      for (const { index, hash, bytes } of page) {
        recount.take(agency, { origin, index, hash }, JSON.parse(bytes.toString('utf8')) as Entry);
      }
    }
  }
  return recount;
}
