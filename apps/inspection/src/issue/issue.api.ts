// One issue over HTTP: its page, and one path per action.
import { Controller, Get, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyRequest } from 'fastify';
import type { Done, IssuePage } from '#contracts/answers';
import * as requests from '#contracts/api';
import type { LedgerQuery, Sent } from '#contracts/api';
import { Addresses } from '#chassis/addresses';
import type { AskMeta } from '#chassis/ask';
import { Ask } from '#chassis/ask';
import { Clock, civilDateAt } from '#chassis/clock';
import { DryRun } from '#chassis/dry-run';
import { Files } from '#chassis/files';
import { parsed } from '#chassis/input';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { Input, InputParam, InputQuery, May, Meta, Who } from '#chassis/route';
import { Uploads } from '#chassis/uploads';
import { issuePage, visibleRow } from '#joint/ledger/reading.api';
import { newId } from '#joint/new-id';
import { evidenceType } from './evidence-kind';
import { issue } from './issue';
import type { Issue, IssueCommand } from './record';
import { triesOf } from './tries';
import { unpublishedOf } from './unpublished';

const maxEvidenceBytes = 50 * 1_048_576;
const afterQuery = requests.ledgerQuery.pick({ after: true });

@Controller('/api/issues/:issueId')
export class IssueApi {
  constructor(
    private readonly bus: CommandBus,
    private readonly dryRun: DryRun,
    private readonly reads: Reads,
    private readonly files: Files,
    private readonly uploads: Uploads,
    private readonly addresses: Addresses,
    private readonly clock: Clock,
  ) {}

  @Get()
  @May('issue.read')
  async page(
    @Who() who: Person,
    @InputParam('issueId') id: string,
    @InputQuery(afterQuery) query: LedgerQuery,
  ): Promise<IssuePage> {
    await this.reads.passed(query.after);
    const row = await visibleRow(this.reads, who, id);
    const now = (await this.dryRun.open(issue, id, who, [])).state as Issue;
    const { state, revision, actions } = await this.dryRun.open(issue, id, who, triesOf(now));
    const today = civilDateAt(this.clock.now());
    const { reads, files, addresses } = this;
    return issuePage({ reads, files, addresses }, row, {
      today,
      revision,
      actions,
      unpublished: unpublishedOf(state as Issue),
    });
  }

  @Post('propose-claim')
  @May('issue.ProposeClaim')
  proposeClaim(
    @InputParam('issueId') id: string,
    @Input(requests.proposeClaim) claim: Sent<typeof requests.proposeClaim>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    return this.ask(id, { type: 'ProposeClaim', ...claim }, meta);
  }

  @Post('sign-claim')
  @May('issue.SignClaim')
  signClaim(@InputParam('issueId') id: string, @Input(requests.signClaim) _: object, @Meta() meta: AskMeta) {
    return this.ask(id, { type: 'SignClaim' }, meta);
  }

  @Post('classify')
  @May('issue.ClassifyIssue')
  classify(
    @InputParam('issueId') id: string,
    @Input(requests.classify) input: Sent<typeof requests.classify>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    return this.ask(id, { type: 'ClassifyIssue', ...input }, meta);
  }

  @Post('add-measure')
  @May('issue.AddMeasure')
  addMeasure(
    @InputParam('issueId') id: string,
    @Input(requests.addMeasure) measure: Sent<typeof requests.addMeasure>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    return this.ask(id, { type: 'AddMeasure', measureId: newId('m', meta.commandId), ...measure }, meta);
  }

  @Post('report-progress')
  @May('issue.ReportProgress')
  reportProgress(
    @InputParam('issueId') id: string,
    @Input(requests.reportProgress) { text }: Sent<typeof requests.reportProgress>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    return this.ask(id, { type: 'ReportProgress', text }, meta);
  }

  @Post('attach-evidence')
  @May('issue.AttachEvidence')
  async attachEvidence(
    @Req() request: FastifyRequest,
    @InputParam('issueId') id: string,
    @Who() who: Person,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    // Refused before 50 MB are taken in: the record of another unit is not even there.
    await visibleRow(this.reads, who, id);
    return this.uploads.asked(request, { maxBytes: maxEvidenceBytes }, ({ fields, file }) => {
      const { dated, explanation } = parsed(requests.attachEvidence, fields);
      const mediaType = evidenceType(file.name, file.mediaType);
      const { name, sha256, bytes } = file;
      return asking(id, { type: 'AttachEvidence', sha256, name, bytes, mediaType, dated, explanation }, meta);
    });
  }

  @Post('withdraw-evidence')
  @May('issue.WithdrawEvidence')
  withdrawEvidence(
    @InputParam('issueId') id: string,
    @Input(requests.withdrawEvidence) input: Sent<typeof requests.withdrawEvidence>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    return this.ask(id, { type: 'WithdrawEvidence', ...input }, meta);
  }

  @Post('request-extension')
  @May('issue.RequestExtension')
  requestExtension(
    @InputParam('issueId') id: string,
    @Input(requests.requestExtension) input: Sent<typeof requests.requestExtension>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    return this.ask(id, { type: 'RequestExtension', ...input }, meta);
  }

  @Post('grant-extension')
  @May('issue.GrantExtension')
  grantExtension(@InputParam('issueId') id: string, @Input(requests.grantExtension) _: object, @Meta() meta: AskMeta) {
    return this.ask(id, { type: 'GrantExtension' }, meta);
  }

  @Post('refuse-extension')
  @May('issue.RefuseExtension')
  refuseExtension(
    @InputParam('issueId') id: string,
    @Input(requests.refuseExtension) { reason }: Sent<typeof requests.refuseExtension>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    return this.ask(id, { type: 'RefuseExtension', reason }, meta);
  }

  @Post('prepare-close-out')
  @May('issue.PrepareCloseOut')
  prepareCloseOut(
    @InputParam('issueId') id: string,
    @Input(requests.prepareCloseOut) statement: Sent<typeof requests.prepareCloseOut>,
    @Meta() meta: AskMeta,
  ): Promise<Done> {
    return this.ask(id, { type: 'PrepareCloseOut', ...statement }, meta);
  }

  @Post('sign-close-out')
  @May('issue.SignCloseOut')
  signCloseOut(@InputParam('issueId') id: string, @Input(requests.signCloseOut) _: object, @Meta() meta: AskMeta) {
    return this.ask(id, { type: 'SignCloseOut' }, meta);
  }

  private ask(id: string, command: IssueCommand, meta: AskMeta): Promise<Done> {
    return this.bus.execute(asking(id, command, meta));
  }
}

function asking(id: string, command: IssueCommand, meta: AskMeta): Ask {
  return new Ask(issue, id, command, meta);
}
