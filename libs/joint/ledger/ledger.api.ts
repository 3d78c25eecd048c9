// The ledger over HTTP, the same in all three agencies: list, overview, what this agency holds, and evidence files.
import { PassThrough } from 'node:stream';
import { Controller, Get, Header, StreamableFile } from '@nestjs/common';
import { demand, Refused } from '#kernel/decider';
import type { CivilDate } from '#kernel/working-days';
import { agencyNames } from '#contracts/agencies';
import type { Agreement, LedgerPage, Overview } from '#contracts/answers';
import type { Alarm } from '#contracts/witnesses';
import type { LedgerQuery } from '#contracts/api';
import { exportLimit, ledgerExport, ledgerQuery } from '#contracts/api';
import { Clock, civilDateAt } from '#chassis/clock';
import { Files } from '#chassis/files';
import { AnchorWatch } from '#chassis/journal/anchor-watch';
import type { AnchorState } from '#chassis/journal/anchor-watch';
import { Peers } from '#chassis/peers';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { InputParam, InputQuery, May, Who } from '#chassis/route';
import type { Slice } from '#chassis/slice';
import { Roster } from '#chassis/witness/roster';
import { ClockSkews } from '#chassis/witness/skew';
import type { ClockSkew } from '#chassis/witness/skew';
import { writeWorkbook } from '#papers/workbook';
import { civilMinuteOf } from '../civil-time';
import { ledger } from './ledger';
import { dueWithin } from './lights';
import type { UnitCounts } from './overview';
import { overviewOf } from './overview';
import type { Asked } from './query';
import { countLimit, cursorAfter, filtered, openStatus, paged } from './query';
import { commonWords, countedUpTo, exportedRows, listedLines, listedPage, visibleRow } from './reading.api';
import { rounds } from './rounds';
import { timeline } from './timeline';
import { apartAlarms } from '../exchange/exchange.api';
import { PassportApi } from '../passport/passport.api';
import type { ExportedRow } from './workbook';
import { ledgerColumns } from './workbook';
import { closingsNotFinal } from './witnessed.api';

const overviewQuery = ledgerQuery.pick({ round: true, after: true });

@Controller('/api')
export class LedgerApi {
  constructor(
    private readonly reads: Reads,
    private readonly files: Files,
    private readonly peers: Peers,
    private readonly clock: Clock,
    private readonly roster: Roster,
    private readonly anchors: AnchorWatch,
    private readonly skews: ClockSkews,
  ) {}

  @Get('ledger')
  @May('ledger.read')
  async ledger(@Who() who: Person, @InputQuery(ledgerQuery) query: LedgerQuery): Promise<LedgerPage> {
    await this.reads.passed(query.after);
    const today = civilDateAt(this.clock.now());
    const asked = await this.asked(query, who, today);
    const page = paged(asked);
    const [found, total] = await Promise.all([
      listedPage(this.reads, page),
      countedUpTo(this.reads, filtered(asked), countLimit + 1),
    ]);
    const shown = found.rows.slice(0, page.limit);
    const last = found.rows.length > page.limit ? shown.at(-1) : undefined;
    return {
      lines: await listedLines(this.reads, shown, found, today),
      ...(last && { next: cursorAfter(last, query) }),
      total,
      cutOff: this.reads.cutOff(),
    };
  }

  @Get('ledger/export')
  @May('ledger.read')
  @Header('x-content-type-options', 'nosniff')
  @Header('cache-control', 'private, no-store')
  async export(@Who() who: Person, @InputQuery(ledgerExport) query: LedgerQuery): Promise<StreamableFile> {
    await this.reads.passed(query.after);
    const now = this.clock.now();
    const asked = await this.asked(query, who, civilDateAt(now));
    const total = await countedUpTo(this.reads, filtered(asked), exportLimit + 1);
    demand(total <= exportLimit, 'ledger.tooManyToExport', { limit: exportLimit });
    const file = new PassThrough();
    const head = { title: '巡视整改台账', subtitle: `共${total}条　数据截至${civilMinuteOf(this.reads.cutOff())}` };
    const book = { ...head, columns: ledgerColumns, frozen: 3, hidden: 1 };
    writeWorkbook(book, allRows(this.reads, asked), file).catch((error: Error) => file.destroy(error));
    const disposition = attachmentNamed(`整改台账${civilDateAt(now)}.xlsx`);
    return new StreamableFile(file, { type: workbookType, disposition });
  }

  @Get('overview')
  @May('overview.read')
  async overview(@Who() who: Person, @InputQuery(overviewQuery) query: LedgerQuery): Promise<Overview> {
    const { after, ...scope } = query;
    await this.reads.passed(after);
    const today = civilDateAt(this.clock.now());
    const { where, parameters } = filtered(await this.asked(scope, who, today));
    const { from, to } = dueWithin('yellow', today);
    const values = [...parameters];
    const bind = (value: unknown) => `$${values.push(value)}`;
    const [todayAt, fromAt, toAt] = [bind(today), bind(from), bind(to)];
    const pending = closingsNotFinal(this.reads, bind);
    const text = `select unit_id as "unitId", max(unit_name) as "unitName", count(*) as total,
         count(*) filter (where status = 'closedOut') as "closedOut",
         count(*) filter (where status = 'closedOut' and id in (${pending})) as "closedOutPending",
         count(*) filter (where status = 'substantiallyDone') as "substantiallyDone",
         count(*) filter (where ${openStatus}) as open,
         count(*) filter (where status <> 'closedOut' and due < ${todayAt}) as overdue,
         count(*) filter (where status <> 'closedOut' and due between ${fromAt} and ${toAt}) as "dueSoon",
         count(*) filter (where status = 'closeOutRequested') as waiting
       from ${this.reads.table(ledger)} where ${where} group by unit_id order by 2, 1`;
    // The sizes that witnesses have cosigned are among the values; the closings stand in the time line.
    const units = await this.reads.whileUnchanged([ledger, timeline], [text, values], () =>
      this.reads.query<Record<string, string>>(text, values),
    );
    const counts = overviewOf(units.map(countsOf), scope);
    return { cutOff: this.reads.cutOff(), ...counts, ...this.witnesses() };
  }

  @Get('alarms')
  @May('alarm.read')
  async alarms(): Promise<Alarm[]> {
    const lying = this.peers.states().filter(({ state }) => state === 'stopped');
    const stopped = new Set(lying.map(({ origin }) => origin));
    // Of a log that nobody believes any more, nobody waits for an anchor.
    const silent = (await this.anchors.states()).filter(({ origin, missing }) => missing && !stopped.has(origin));
    const contradicted = lying.map(({ agency, origin }) => {
      const who = agencyNames[agency];
      const sentence = `发现不一致：${who}的日志前后矛盾，或与别处见到的不同。已停止接收，证据已保存。请勿改动，请告知系统管理员会同三方核对。`;
      return { origin, agency, sentence };
    });
    const told = [...contradicted, ...silent.map(silentAlarm), ...this.skews.large().flatMap(skewAlarm)];
    return [...told, ...(await apartAlarms(this.reads))];
  }

  @Get('agreement')
  @May('agreement.read')
  async agreement(): Promise<Agreement> {
    const [lines, ...others] = await Promise.all([ledger, rounds, timeline].map((view) => this.reads.agreement(view)));
    const held = [lines, ...others];
    // Three snapshots, taken one after the other: only equal sizes speak of one and the same moment.
    const same = held.every((each) => JSON.stringify(each?.sizes) === JSON.stringify(lines?.sizes));
    if (!lines || !same) throw new Refused('view.behind');
    const views = Object.fromEntries([ledger, rounds, timeline].map((view, n) => [view.name, held[n]?.digest ?? '']));
    return { sizes: lines.sizes, views, lines: lines.lines };
  }

  private async asked(query: LedgerQuery, seer: Person, today: CivilDate): Promise<Asked> {
    const common = query.search ? await commonWords(this.reads) : new Set<string>();
    return { query, seer, today, common };
  }

  private witnesses(): Pick<Overview, 'peers' | 'witnessing'> {
    const { origin } = this.peers.own();
    const by = this.reads.standing.reach(origin).by;
    const peers = this.peers.states().map((peer) => {
      return { ...peer, cosigned: by.find(({ agency }) => agency === peer.agency)?.size ?? 0 };
    });
    return { peers, witnessing: this.roster.worth(origin) };
  }

  @Get('issues/:issueId/evidence/:sha256')
  @May('evidence.read')
  @Header('x-content-type-options', 'nosniff')
  @Header('content-security-policy', "default-src 'none'; sandbox")
  @Header('cache-control', 'private, no-store')
  async evidence(
    @Who() who: Person,
    @InputParam('issueId') issueId: string,
    @InputParam('sha256') sha256: string,
  ): Promise<StreamableFile> {
    const row = await visibleRow(this.reads, who, issueId);
    const file = row.parts.inspection.evidence.find((each) => each.sha256 === sha256);
    if (!file) throw new Refused('record.none');
    demand(await this.files.has(sha256), 'evidence.notHeld');
    const { name, bytes: length, mediaType: type } = file;
    return new StreamableFile(await this.files.stream(sha256), { type, length, disposition: attachmentNamed(name) });
  }
}

const workbookType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
/** Lines read at a time for an export: a few round trips, and never more than these in memory. */
const exportBatch = 500;

async function* allRows(reads: Reads, asked: Asked): AsyncGenerator<readonly ExportedRow[]> {
  const { query } = asked;
  for (let cursor: string | undefined, more = true; more;) {
    const next = { ...query, limit: exportBatch, ...(cursor !== undefined && { cursor }) };
    const page = paged({ ...asked, query: next });
    const rows = (await exportedRows(reads, page)).slice(0, exportBatch);
    const last = rows.at(-1);
    more = rows.length === exportBatch && last !== undefined;
    if (last) cursor = cursorAfter(last, query);
    yield rows;
  }
}

/** RFC 6266 with the name as RFC 5987 asks: older clients get a plain name, none can be led to run it in place. */
export function attachmentNamed(name: string): string {
  const plain = name.replace(/[^\w.-]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

function countsOf(row: Record<string, string>): UnitCounts {
  const { unitId = '', unitName = '' } = row;
  const count = (name: string) => Number(row[name]);
  return {
    unitId,
    unitName,
    total: count('total'),
    closedOut: count('closedOut'),
    closedOutPending: count('closedOutPending'),
    substantiallyDone: count('substantiallyDone'),
    open: count('open'),
    overdue: count('overdue'),
    dueSoon: count('dueSoon'),
    waiting: count('waiting'),
  };
}

export const ledgerSlice: Slice = { name: 'ledger', api: [LedgerApi, PassportApi], views: [ledger, rounds, timeline] };

/** Of an agency's witness; an outside witness is its operator's concern. */
function skewAlarm({ agency, name, seconds }: ClockSkew): Alarm[] {
  if (!agency) return [];
  const minutes = Math.round(Math.abs(seconds) / 60);
  const way = seconds > 0 ? '快' : '慢';
  const sentence = `时钟偏差：${agencyNames[agency]}的时钟比本机关${way}约${minutes}分钟，超过5分钟。时限与先后以各自时钟记载，请双方系统管理员校时。`;
  return [{ origin: name, agency, sentence }];
}

function silentAlarm({ agency, origin, lastAt }: AnchorState): Alarm {
  const since = lastAt === undefined ? '一直没有收到' : `${civilMinuteOf(lastAt)}之后没有收到`;
  const sentence = `锚点缺失：${since}${agencyNames[agency]}的私有日志锚点，已超过约定间隔的两倍。这期间它记了什么，以后难以证明，请系统管理员与该机关联系查明。`;
  return { origin, agency, sentence };
}
