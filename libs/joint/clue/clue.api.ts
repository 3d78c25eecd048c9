// Clue lists over HTTP, for the few roles that may read clues: headings in the list, bodies one list at a time.
import { Controller, Get, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Refused } from '#kernel/decider';
import type { Done } from '#contracts/answers';
import type { LedgerQuery, Sent } from '#contracts/api';
import { ledgerQuery } from '#contracts/api';
import type { ClueList, ClueLists } from '#contracts/clues';
import { signReceipt } from '#contracts/clues';
import type { AskMeta } from '#chassis/ask';
import { Ask } from '#chassis/ask';
import { Reads } from '#chassis/reads';
import { Input, InputParam, InputQuery, May, Meta } from '#chassis/route';
import { clueLists, lineOf } from './clue-lists';
import { clueReceipt } from './clue-receipt';

const afterQuery = ledgerQuery.pick({ after: true });
const mostLists = 500;

@Controller('/api/clue-lists')
export class ClueReadingApi {
  constructor(private readonly reads: Reads) {}

  @Get()
  @May('clue.read')
  async list(@InputQuery(afterQuery) query: LedgerQuery): Promise<ClueLists> {
    await this.reads.passed(query.after);
    const tail = `order by handed_over_at desc, id limit ${mostLists}`;
    const rows = await this.reads.rows(clueLists, `kind <> ''`, [], tail);
    return { lists: rows.flatMap((row) => lineOf(row) ?? []), cutOff: this.reads.cutOff() };
  }

  @Get(':handOverId')
  @May('clue.read')
  async one(@InputParam('handOverId') id: string, @InputQuery(afterQuery) query: LedgerQuery): Promise<ClueList> {
    await this.reads.passed(query.after);
    const row = await this.reads.row(clueLists, id);
    const line = row && lineOf(row);
    if (!line) throw new Refused('record.none');
    return { ...line, clues: row.clues };
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
