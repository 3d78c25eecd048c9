// Rounds in an agency that did not open them: to read, with the receipts that stand beside them.
import { Controller, Get } from '@nestjs/common';
import type { RoundList } from '#contracts/answers';
import type { LedgerQuery } from '#contracts/api';
import { ledgerQuery } from '#contracts/api';
import { ruleSets } from '#contracts/rule-sets';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { InputQuery, May, Who } from '#chassis/route';
import { roundLines } from '../ledger/reading.api';

const afterQuery = ledgerQuery.pick({ after: true });

@Controller('/api/rounds')
export class ReceiptApi {
  constructor(private readonly reads: Reads) {}

  @Get()
  @May('round.read')
  async list(@Who() who: Person, @InputQuery(afterQuery) query: LedgerQuery): Promise<RoundList> {
    await this.reads.passed(query.after);
    return { rounds: await roundLines(this.reads, who), ruleSets, actions: [] };
  }
}
