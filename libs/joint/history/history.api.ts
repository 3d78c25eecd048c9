// The page 历史核验 over HTTP, in all three agencies alike: records with their proofs for whoever may see them, what was
// known when, and for officers what each agency holds of the others' logs.
import { Controller, Get, Header, StreamableFile } from '@nestjs/common';
import type { Agency, Entry, Published } from '#kernel/envelope';
import { Refused } from '#kernel/decider';
import type { HistoryQuery, IssueHistory, KnownStep, LogHistory, Reconciliation } from '#contracts/history';
import { historyQuery } from '#contracts/history';
import { Clock, civilDateAt } from '#chassis/clock';
import { Peers } from '#chassis/peers';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { InputParam, InputQuery, May, Who } from '#chassis/route';
import type { Slice } from '#chassis/slice';
import { Holdings } from '#chassis/witness/holdings';
import { Proofs } from '#chassis/witness/proofs';
import { visibleRow } from '../ledger/reading.api';
import { timeline } from '../ledger/timeline';
import type { TimelineRow } from '../ledger/timeline';
import { statusAt } from '../ledger/witnessed';
import { issueField } from '../passport/cover';
import { factsOf, knownMoments, recordedFacts } from './known';
import type { KnownMoment } from './known';
import { TotalsApi } from './totals.api';

type Logged = { id: string; origin: string; index: string; bytes: Buffer; hash: string; received: string | null };

@Controller('/api')
export class HistoryApi {
  constructor(
    private readonly reads: Reads,
    private readonly proofs: Proofs,
    private readonly holdings: Holdings,
    private readonly peers: Peers,
    private readonly clock: Clock,
  ) {}

  @Get('history')
  @May('history.read')
  async logs(@InputQuery(historyQuery) query: HistoryQuery): Promise<LogHistory> {
    return { logs: await this.proofs.heads(seenOf(query)) };
  }

  @Get('issues/:issueId/history')
  @May('history.read')
  async issue(
    @Who() who: Person,
    @InputParam('issueId') issueId: string,
    @InputQuery(historyQuery) query: HistoryQuery,
  ): Promise<IssueHistory> {
    await this.reads.passed(query.after);
    const row = await visibleRow(this.reads, who, issueId);
    const rows = await this.reads.rows(timeline, 'issue_id = $1', [row.id], 'order by at, turn, id');
    const ids = rows.map(({ id }) => id);
    const subject = { field: issueField, value: row.id };
    const [logs, logged] = await Promise.all([this.proofs.about(subject, ids, seenOf(query)), this.logged(ids)]);
    const agencies = this.agencies(who.agency);
    const steps = this.steps(row.id, rows, logged, agencies);
    const { id, number, title, unitName } = row;
    const unlogged = rows.length - steps.length;
    const now = factsOf(row, civilDateAt(this.clock.now()));
    if (!now) throw new Refused('record.none');
    return { issueId: id, number, title, unitName, logs, agencies: Object.fromEntries(agencies), unlogged, steps, now };
  }

  @Get('reconciliation')
  @May('reconciliation.read')
  async reconciliation(@Who() who: Person): Promise<Reconciliation> {
    const [logs, forks] = await Promise.all([this.holdings.logs(), this.holdings.forks()]);
    return { agency: who.agency, cutOff: this.reads.cutOff(), logs, forks };
  }

  @Get('reconciliation/evidence/:digest')
  @May('reconciliation.read')
  @Header('x-content-type-options', 'nosniff')
  @Header('content-security-policy', "default-src 'none'; sandbox")
  @Header('cache-control', 'private, no-store')
  async evidence(@InputParam('digest') digest: string): Promise<StreamableFile> {
    const file = await this.holdings.evidence(digest);
    if (!file) throw new Refused('record.none');
    const { name, bytes } = file;
    const disposition = `attachment; filename="${name}"`;
    return new StreamableFile(bytes, { type: 'application/json; charset=utf-8', length: bytes.length, disposition });
  }

  private steps(
    issueId: string,
    rows: readonly TimelineRow[],
    logged: readonly Logged[],
    agencies: ReadonlyMap<string, Agency>,
  ): KnownStep[] {
    const found = rows.flatMap((row) => {
      // A peer that repeats an id for something else has not said what stands in the time line.
      const entry = logged.find(({ id, origin }) => id === row.id && agencies.get(origin) === row.agency);
      return entry ? [{ row, entry, event: publishedOf(entry, row.agency), knownAt: entry.received ?? row.at }] : [];
    });
    const together = recordedFacts(
      issueId,
      found.map(({ event }) => event),
    );
    const step = ({ event, knownAt, late, facts }: KnownMoment): KnownStep => {
      const nth = found.findIndex(({ row: { id } }) => id === event.id);
      const { row, entry } = found[nth]!;
      const recorded = together[nth];
      const { id, at, agency, type, label, who, words } = row;
      const place = { origin: entry.origin, index: Number(entry.index) };
      const witness = statusAt(place, this.reads.standing.reach);
      return {
        id,
        at,
        agency,
        type,
        label,
        who,
        words,
        ...place,
        witness,
        knownAt,
        late,
        nth,
        ...(facts && { facts }),
        ...(recorded && { recorded }),
      };
    };
    return knownMoments(issueId, found).map(step);
  }

  private agencies(own: Agency): Map<string, Agency> {
    const peers = this.peers.states().map(({ origin, agency }): [string, Agency] => [origin, agency]);
    return new Map([[this.peers.own().origin, own], ...peers]);
  }

  private logged(ids: readonly string[]): Promise<Logged[]> {
    return this.reads.query<Logged>(
      `select id, $2 as origin, index, bytes, hash, null as received from log.entry where id = any($1::uuid[])
       union all
       select id, origin, index, bytes, hash, received_at from inbox.entry where id = any($1::uuid[])`,
      [ids, this.peers.own().origin],
    );
  }
}

/** What the views have taken in is of the right form, and the time line names nothing else. */
function publishedOf({ origin, index, bytes, hash }: Logged, agency: Agency): Published {
  const { id, type, stream, at, actor, data = {} } = JSON.parse(bytes.toString('utf8')) as Entry;
  return { agency, origin, id, type, stream, at, actor, data, address: { origin, index: Number(index), hash } };
}

function seenOf({ seen }: HistoryQuery): Map<string, number> {
  const pairs = seen === undefined ? [] : seen.split(',');
  return new Map(
    pairs.map((pair): [string, number] => {
      const colon = pair.lastIndexOf(':');
      return [pair.slice(0, colon), Number(pair.slice(colon + 1))];
    }),
  );
}

export const historySlice: Slice = { name: 'history', api: [HistoryApi, TotalsApi] };
