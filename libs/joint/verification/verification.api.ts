// The verifier's desk over HTTP, the same for each authority, with its own rule book behind it.
import type { Type } from '@nestjs/common';
import { Controller, Get, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { Done, IssuePage, VerificationQueue } from '#contracts/answers';
import type { LedgerQuery, Sent } from '#contracts/api';
import { accept, acceptAsSubstantiallyDone, ledgerQuery, returnCloseOut } from '#contracts/api';
import { Addresses } from '#chassis/addresses';
import type { AskMeta } from '#chassis/ask';
import { Ask } from '#chassis/ask';
import { Clock, civilDateAt } from '#chassis/clock';
import { DryRun } from '#chassis/dry-run';
import { Files } from '#chassis/files';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { Input, InputParam, InputQuery, May, Meta, Who } from '#chassis/route';
import type { Authority } from '../close-out';
import { issuePage, linesOf, visibleRow, visibleRows } from '../ledger/reading.api';
import { decidedBy, decidedLine, verificationTries, waitingFor, waitingLine } from './queue';
import type { Verification, VerificationCommand } from './verification';

const maxLines = 100;
const notTakenIn = { revision: -1, actions: [] } as const;
const afterQuery = ledgerQuery.pick({ after: true });

/** Queue and verdicts. */
export function verificationApi(authority: Authority, verification: Verification): Type {
  @Controller('/api/verifications')
  class VerificationApi {
    constructor(
      private readonly bus: CommandBus,
      private readonly dryRun: DryRun,
      private readonly reads: Reads,
      private readonly clock: Clock,
    ) {}

    @Get()
    @May('verification.read')
    async queue(@Who() who: Person, @InputQuery(afterQuery) query: LedgerQuery): Promise<VerificationQueue> {
      await this.reads.passed(query.after);
      const [waiting, decided] = await Promise.all([
        visibleRows(this.reads, who, waitingFor(authority), `order by due, id limit ${maxLines}`),
        visibleRows(this.reads, who, decidedBy(authority), `order by verdict_at desc, id limit ${maxLines}`),
      ]);
      const today = civilDateAt(this.clock.now());
      const lines = await linesOf(this.reads, [...waiting, ...decided], today);
      // Not taken in yet: there is no record to ask, and its unit is not known to the rules.
      const open = await Promise.all(
        waiting.map(({ id, parts }) =>
          parts[authority]?.received ? this.dryRun.open(verification, id, who, verificationTries) : notTakenIn,
        ),
      );
      return {
        waiting: waiting.map((row, n) => waitingLine(authority, row, lines[n]!, open[n]!)),
        decided: decided.map((row, n) => decidedLine(authority, row, lines[waiting.length + n]!)),
        cutOff: this.reads.cutOff(),
      };
    }

    @Post(':issueId/accept')
    @May('verification.AcceptCloseOut')
    accept(@InputParam('issueId') id: string, @Input(accept) input: Sent<typeof accept>, @Meta() meta: AskMeta) {
      return this.ask(id, { type: 'AcceptCloseOut', ...input }, meta);
    }

    @Post(':issueId/accept-as-substantially-done')
    @May('verification.AcceptAsSubstantiallyDone')
    acceptAsSubstantiallyDone(
      @InputParam('issueId') id: string,
      @Input(acceptAsSubstantiallyDone) input: Sent<typeof acceptAsSubstantiallyDone>,
      @Meta() meta: AskMeta,
    ): Promise<Done> {
      return this.ask(id, { type: 'AcceptAsSubstantiallyDone', ...input }, meta);
    }

    @Post(':issueId/return')
    @May('verification.ReturnCloseOut')
    return(
      @InputParam('issueId') id: string,
      @Input(returnCloseOut) input: Sent<typeof returnCloseOut>,
      @Meta() meta: AskMeta,
    ): Promise<Done> {
      return this.ask(id, { type: 'ReturnCloseOut', ...input }, meta);
    }

    private ask(id: string, command: VerificationCommand, meta: AskMeta): Promise<Done> {
      return this.bus.execute(new Ask(verification, id, command, meta));
    }
  }
  return VerificationApi;
}

/** An issue's page in a verifying agency: the joint page with the actions of this authority. */
export function verifiedIssueApi(authority: Authority, verification: Verification): Type {
  @Controller('/api/issues')
  class VerifiedIssueApi {
    constructor(
      private readonly dryRun: DryRun,
      private readonly reads: Reads,
      private readonly files: Files,
      private readonly addresses: Addresses,
      private readonly clock: Clock,
    ) {}

    @Get(':issueId')
    @May('issue.read')
    async page(
      @Who() who: Person,
      @InputParam('issueId') issueId: string,
      @InputQuery(afterQuery) query: LedgerQuery,
    ): Promise<IssuePage> {
      await this.reads.passed(query.after);
      const { reads, files, addresses } = this;
      const row = await visibleRow(reads, who, issueId);
      const today = civilDateAt(this.clock.now());
      const sources = { reads, files, addresses };
      // Before a request came in, and where another agency is competent, there is nothing to decide here.
      const asked = row.verifier === authority && row.parts[authority]?.received !== undefined;
      const { revision, actions } = asked
        ? await this.dryRun.open(verification, issueId, who, verificationTries)
        : notTakenIn;
      return issuePage(sources, row, { today, revision, actions });
    }
  }
  return VerifiedIssueApi;
}
