// Clue lists over HTTP, for the few roles that may read clues: headings in the list; the words of one list only on demand,
// by a command that says why.
import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { demand, Refused } from '#kernel/decider';
import type { Done } from '#contracts/answers';
import type { LedgerQuery, Sent } from '#contracts/api';
import { ledgerQuery } from '#contracts/api';
import type { Clue, ClueAction, ClueList, ClueListLine, ClueLists, OpenedClues } from '#contracts/clues';
import { clueReason, confirmDestruction, handOverStream, signReceipt } from '#contracts/clues';
import type { AskMeta } from '#chassis/ask';
import { Ask } from '#chassis/ask';
import { DryRun } from '#chassis/dry-run';
import type { Try } from '#chassis/dry-run';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { Input, InputParam, InputQuery, May, Meta, Who } from '#chassis/route';
import { Bodies } from '#chassis/subjects/bodies';
import { clueFile } from '../clue-file/clue-file';
import type { ClueFileCommand, ClueFileState } from '../clue-file/clue-file';
import { clueLists, isSigned, lineOf } from './clue-lists';
import { clueReceipt } from './clue-receipt';

const afterQuery = ledgerQuery.pick({ after: true });
const mostLists = 500;

const fileTries = (signed: boolean): readonly Try<ClueAction>[] => [
  { action: 'openBody', command: { type: 'OpenBody' } },
  { action: 'requestDestruction', command: { type: 'RequestDestruction', signed } as Try['command'] },
  { action: 'confirmDestruction', command: { type: 'ConfirmDestruction' } },
  { action: 'dropDestruction', command: { type: 'DropDestruction' } },
];

@Controller('/api/clue-lists')
export class ClueReadingApi {
  constructor(
    private readonly reads: Reads,
    private readonly dryRun: DryRun,
    private readonly bodies: Bodies,
  ) {}

  @Get()
  @May('clue.read')
  async list(@Who() who: Person, @InputQuery(afterQuery) query: LedgerQuery): Promise<ClueLists> {
    await this.reads.passed(query.after);
    const tail = `order by handed_over_at desc, id limit ${mostLists}`;
    const rows = await this.reads.rows(clueLists, `kind <> ''`, [], tail);
    return { lists: rows.flatMap((row) => lineOf(row, who.agency) ?? []), cutOff: this.reads.cutOff() };
  }

  @Get(':handOverId')
  @May('clue.read')
  async one(
    @Who() who: Person,
    @InputParam('handOverId') id: string,
    @InputQuery(afterQuery) query: LedgerQuery,
  ): Promise<ClueList> {
    await this.reads.passed(query.after);
    const line = await lineFor(this.reads, id, who.agency);
    const sign = { action: 'signReceipt' as const, command: { type: 'SignReceipt', count: line.count } };
    const [receipt, file] = await Promise.all([
      this.dryRun.open<ClueAction>(clueReceipt, id, who, [sign]),
      this.dryRun.open<ClueAction>(clueFile, id, who, fileTries(isSigned(line, who.agency))),
    ]);
    const { request } = file.state as ClueFileState;
    const opensInLogs = await this.bodies.opensInLogs(id);
    return { ...line, opensInLogs, actions: [...receipt.actions, ...file.actions], ...(request && { request }) };
  }
}

/** Opening and destroying, in each agency that shares lists. */
@Controller('/api/clue-lists')
export class ClueFileApi {
  constructor(
    private readonly bus: CommandBus,
    private readonly reads: Reads,
    private readonly bodies: Bodies,
  ) {}

  /** First it is on record who opens the words and why, then they are opened. */
  @Post(':handOverId/open-body')
  @HttpCode(200)
  @May('clueFile.OpenBody')
  async open(
    @InputParam('handOverId') id: string,
    @Input(clueReason) { reason }: Sent<typeof clueReason>,
    @Meta() meta: AskMeta,
  ): Promise<OpenedClues> {
    await this.ask(id, { type: 'OpenBody', reason }, meta);
    const opened = await this.bodies.open(id, handOverStream(id));
    return { clues: opened.flatMap(({ data }) => data['clues'] as unknown as readonly Clue[]) };
  }

  @Post(':handOverId/request-destruction')
  @May('clueFile.RequestDestruction')
  async request(
    @InputParam('handOverId') id: string,
    @Input(clueReason) { reason }: Sent<typeof clueReason>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    const own = meta.who.agency;
    const signed = isSigned(await lineFor(this.reads, id, own), own);
    demand(await this.bodies.keeps(id), 'clueFile.nothingKept');
    return this.ask(id, { type: 'RequestDestruction', reason, signed }, meta);
  }

  @Post(':handOverId/drop-destruction')
  @May('clueFile.DropDestruction')
  drop(
    @InputParam('handOverId') id: string,
    @Input(clueReason) { reason }: Sent<typeof clueReason>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    return this.ask(id, { type: 'DropDestruction', reason }, meta);
  }

  @Post(':handOverId/confirm-destruction')
  @May('clueFile.ConfirmDestruction')
  async confirm(
    @InputParam('handOverId') id: string,
    @Input(confirmDestruction) _: Sent<typeof confirmDestruction>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    const done = await this.ask(id, { type: 'ConfirmDestruction' }, meta);
    await this.bodies.destroy(id);
    return done;
  }

  private async ask(id: string, command: ClueFileCommand, meta: AskMeta): Promise<Done> {
    await lineFor(this.reads, id, meta.who.agency);
    return this.bus.execute(new Ask(clueFile, id, command, meta));
  }
}

@Controller('/api/clue-lists')
export class ClueReceiptApi {
  constructor(private readonly bus: CommandBus) {}

  @Post(':handOverId/sign-receipt')
  @May('clueReceipt.SignReceipt')
  sign(
    @InputParam('handOverId') id: string,
    @Input(signReceipt) input: Sent<typeof signReceipt>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    return this.bus.execute(new Ask(clueReceipt, id, { type: 'SignReceipt', ...input }, meta));
  }
}

/** @throws Refused `record.none` */
async function lineFor(reads: Reads, id: string, own: Person['agency']): Promise<ClueListLine> {
  const row = await reads.row(clueLists, id);
  const line = row && lineOf(row, own);
  if (!line) throw new Refused('record.none');
  return line;
}
