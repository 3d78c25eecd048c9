// What there is to see of sealed bodies for those who cannot open them: how many each agency published.
import { Controller, Get } from '@nestjs/common';
import type { SealedList } from '#contracts/sealed';
import { Reads } from '../reads';
import { May } from '../route';
import { sealedBodies } from './sealed-bodies';

@Controller('/api/sealed')
export class SealedApi {
  constructor(private readonly reads: Reads) {}

  @Get()
  @May('sealed.read')
  async list(): Promise<SealedList> {
    const rows = await this.reads.rows(sealedBodies, 'true', [], 'order by id');
    return { sealed: rows.map(({ id: agency, count }) => ({ agency, count })), cutOff: this.reads.cutOff() };
  }
}
