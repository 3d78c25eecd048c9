// The totals of the board 三方对账: the live ledger against what the held logs say, at the same sizes.
import { Controller, Get } from '@nestjs/common';
import type { Agency, Entry } from '#kernel/envelope';
import type { Totals } from '#contracts/history';
import { Clock } from '#chassis/clock';
import { Peers } from '#chassis/peers';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { May, Who } from '#chassis/route';
import { ledger } from '../ledger/ledger';
import { Recount, totalled, totalsOf } from './totals';

@Controller('/api/reconciliation')
export class TotalsApi {
  /** One at a time, however many ask: it reads all that the logs hold. */
  private running: Promise<Totals> | undefined;

  constructor(
    private readonly reads: Reads,
    private readonly peers: Peers,
    private readonly clock: Clock,
  ) {}

  @Get('totals')
  @May('reconciliation.read')
  totals(@Who() { agency }: Person): Promise<Totals> {
    this.running ??= this.counted(agency).finally(() => (this.running = undefined));
    return this.running;
  }

  private async counted(own: Agency): Promise<Totals> {
    const { sizes, rows } = await this.reads.someWithSizes(ledger, totalled);
    const recount = new Recount();
    for (const [origin, agency] of this.agencies(own)) {
      for await (const page of this.reads.entries(origin, sizes[origin] ?? 0)) {
        for (const { index, hash, bytes } of page) {
          recount.take(agency, { origin, index, hash }, JSON.parse(bytes.toString('utf8')) as Entry);
        }
      }
    }
    return { sizes, at: this.clock.now(), ...totalsOf(rows, recount) };
  }

  private agencies(own: Agency): Map<string, Agency> {
    return new Map([
      [this.peers.own().origin, own],
      ...this.peers.states().map((each) => [each.origin, each.agency] as const),
    ]);
  }
}
