// Feedbacks over HTTP.
import type { Type } from '@nestjs/common';
import { Controller, Get, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyRequest } from 'fastify';
import type { AnyDecider } from '#kernel/decider';
import type { Done, FeedbackList, FeedbackPage } from '#contracts/answers';
import type { LedgerQuery, Sent } from '#contracts/api';
import { freezeFeedback, ledgerQuery, reviseOutline } from '#contracts/api';
import type { AskMeta } from '#chassis/ask';
import { Ask } from '#chassis/ask';
import { DryRun } from '#chassis/dry-run';
import { Files } from '#chassis/files';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { Input, InputParam, InputQuery, May, Meta, Who } from '#chassis/route';
import { Uploads } from '#chassis/uploads';
import { Desk } from './desk.api';
import { feedback } from './feedback';

const maxPaperBytes = 20 * 1_048_576;
const afterQuery = ledgerQuery.pick({ after: true });
type Outlined = Sent<typeof reviseOutline>;
type Freezing = Sent<typeof freezeFeedback>;

/** @param round rule book of the rounds that feedbacks belong to */
export function feedbackApi(round: AnyDecider): Type {
  @Controller('/api/feedbacks')
  class FeedbackApi {
    private readonly desk: Desk;
    constructor(
      private readonly bus: CommandBus,
      private readonly reads: Reads,
      private readonly uploads: Uploads,
      files: Files,
      dryRun: DryRun,
    ) {
      this.desk = new Desk(dryRun, reads, files, round);
    }

    @Get()
    @May('feedback.read')
    async list(@Who() who: Person, @InputQuery(afterQuery) query: LedgerQuery): Promise<FeedbackList> {
      await this.reads.passed(query.after);
      return this.desk.list(who);
    }

    @Post()
    @May('feedback.RegisterFeedback')
    async register(@Req() request: FastifyRequest, @Meta() meta: AskMeta, @Who() who: Person): Promise<Done> {
      return this.uploads.asked(request, { maxBytes: maxPaperBytes }, async (paper) => {
        const { id, command } = await this.desk.registering(paper, who);
        return new Ask(feedback, id, command, meta);
      });
    }

    @Get(':feedbackId')
    @May('feedback.read')
    page(@Who() who: Person, @InputParam('feedbackId') feedbackId: string): Promise<FeedbackPage> {
      return this.desk.page(feedbackId, who);
    }

    @Post(':feedbackId/outline')
    @May('feedback.ReviseOutline')
    revise(
      @InputParam('feedbackId') feedbackId: string,
      @Input(reviseOutline) { lines }: Outlined,
      @Meta() meta: AskMeta,
    ): Promise<Done> {
      return this.bus.execute(new Ask(feedback, feedbackId, { type: 'ReviseOutline', lines }, meta));
    }

    @Post(':feedbackId/freeze')
    @May('feedback.FreezeFeedback')
    async freeze(
      @InputParam('feedbackId') feedbackId: string,
      @Input(freezeFeedback) { difference }: Freezing,
      @Meta() meta: AskMeta,
      @Who() who: Person,
    ): Promise<Done> {
      const command = await this.desk.freezing(feedbackId, difference, who);
      return this.bus.execute(new Ask(feedback, feedbackId, command, meta));
    }
  }
  return FeedbackApi;
}
