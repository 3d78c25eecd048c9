// Feedbacks over HTTP: a paper comes in, is read into lines, edited and frozen.
import type { Type } from '@nestjs/common';
import { Controller, Get, Post, Req } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { AnyDecider } from '#kernel/decider';
import { Refused } from '#kernel/decider';
import { holidays } from '#kernel/holidays';
import type { Done, FeedbackLine, FeedbackPage } from '#contracts/answers';
import type { LedgerQuery } from '#contracts/api';
import { freezeFeedback, ledgerQuery, registerFeedback, reviseOutline } from '#contracts/api';
import type { AskMeta } from '#chassis/ask';
import { Ask } from '#chassis/ask';
import type { Try } from '#chassis/dry-run';
import { DryRun } from '#chassis/dry-run';
import { Files } from '#chassis/files';
import { parsed } from '#chassis/input';
import type { Person } from '#chassis/person';
import { Reads } from '#chassis/reads';
import { Input, InputParam, InputQuery, May, Meta, Who } from '#chassis/route';
import { newId } from '#joint/new-id';
import { outline } from '#papers/outline';
import { PaperRefused } from '#papers/paper-refused';
import { readPaper } from '#papers/read-paper';
import type { FeedbackCommand, FeedbackState, RoundFacts } from './feedback';
import { feedback } from './feedback';
import type { FeedbackRow } from './feedback-list';
import { feedbackList } from './feedback-list';
import { noteWords, proposedLines } from './outline-lines';

const maxPaperBytes = 20 * 1_048_576;
/** A page shows so much of the source text beside the lines. */
const maxSourceLength = 200_000;
const afterQuery = ledgerQuery.pick({ after: true });

export function feedbackApi(round: AnyDecider): Type {
  @Controller('/api/feedbacks')
  class FeedbackApi {
    constructor(
      private readonly bus: CommandBus,
      private readonly dryRun: DryRun,
      private readonly reads: Reads,
      private readonly files: Files,
    ) {}

    @Get()
    @May('feedback.read')
    async list(@Who() who: Person, @InputQuery(afterQuery) query: LedgerQuery): Promise<FeedbackLine[]> {
      await this.reads.passed(query.after);
      const rows = await this.reads.rows(feedbackList, 'true', [], 'order by registered_at desc limit 500');
      return Promise.all(rows.map(async (row) => lineOf(row, row.found || (await this.edited(row.id, who)))));
    }

    @Post()
    @May('feedback.RegisterFeedback')
    async register(@Req() request: FastifyRequest, @Who() who: Person, @Meta() meta: AskMeta): Promise<Done> {
      const { fields, file } = await this.files.receive(request, { maxBytes: maxPaperBytes });
      const { roundId, feedbackDate } = parsed(registerFeedback, fields);
      const facts = await this.facts(roundId, who);
      const paper = await paperOf(file.name, await this.files.read(file.sha256));
      const found = outline(paper.text);
      const command: FeedbackCommand = {
        type: 'RegisterFeedback',
        round: facts,
        ...{ roundId, feedbackDate, fileName: file.name, fileSha256: file.sha256 },
        ...{ kind: found.kind, encoding: paper.encoding, declared: found.declared },
        notes: found.notes.map(noteWords),
        lines: proposedLines(found.leaves, facts.organisations),
      };
      return this.bus.execute(new Ask(feedback, newId('f', meta.commandId), command, meta));
    }

    @Get(':feedbackId')
    @May('feedback.read')
    async page(@Who() who: Person, @InputParam('feedbackId') feedbackId: string): Promise<FeedbackPage> {
      const { state, revision } = await this.dryRun.open(feedback, feedbackId, who, []);
      const { status, registered } = state as FeedbackState;
      if (!registered || status === 'unknown') throw new Refused('record.none');
      const facts = await this.facts(registered.roundId, who);
      const { actions } = await this.dryRun.open(feedback, feedbackId, who, tries(facts));
      const source = await paperOf(registered.fileName, await this.files.read(registered.fileSha256));
      const { roundId, fileName, fileSha256, feedbackDate, kind, encoding, declared, notes, lines } = registered;
      const issues = declared['issues'];
      return {
        ...{ feedbackId, roundId, fileName, feedbackDate, state: status, found: lines.length },
        ...(typeof issues === 'number' && { declaredIssues: issues }),
        ...{ revision, fileSha256, kind, encoding, source: source.text.slice(0, maxSourceLength) },
        ...{ declared, notes, lines, actions },
      };
    }

    @Post(':feedbackId/outline')
    @May('feedback.ReviseOutline')
    revise(
      @InputParam('feedbackId') feedbackId: string,
      @Input(reviseOutline) { lines }: z.infer<typeof reviseOutline>,
      @Meta() meta: AskMeta,
    ): Promise<Done> {
      return this.bus.execute(new Ask(feedback, feedbackId, { type: 'ReviseOutline', lines }, meta));
    }

    @Post(':feedbackId/freeze')
    @May('feedback.FreezeFeedback')
    async freeze(
      @InputParam('feedbackId') feedbackId: string,
      @Input(freezeFeedback) { difference }: z.infer<typeof freezeFeedback>,
      @Who() who: Person,
      @Meta() meta: AskMeta,
    ): Promise<Done> {
      const { state } = await this.dryRun.open(feedback, feedbackId, who, []);
      const facts = await this.facts((state as FeedbackState).registered?.roundId ?? '', who);
      const command: FeedbackCommand = { type: 'FreezeFeedback', difference, round: facts, calendar: holidays };
      return this.bus.execute(new Ask(feedback, feedbackId, command, meta));
    }

    private async edited(feedbackId: string, who: Person): Promise<number> {
      const { state } = await this.dryRun.open(feedback, feedbackId, who, []);
      return (state as FeedbackState).registered?.lines.length ?? 0;
    }

    /** Folded from the round's own events: no read model stands in for them. */
    private async facts(roundId: string, who: Person): Promise<RoundFacts> {
      const { state } = await this.dryRun.open(round, roundId, who, []);
      return { open: state.status === 'open', organisations: state.organisations, ruleSet: state.ruleSet };
    }
  }
  return FeedbackApi;
}

/** Representative commands: what a page may offer does not depend on the words that are still to be typed. */
function tries(round: RoundFacts): Try[] {
  const commands: Readonly<Record<string, FeedbackCommand>> = {
    reviseOutline: { type: 'ReviseOutline', lines: [] },
    freezeFeedback: { type: 'FreezeFeedback', difference: '—', round, calendar: holidays },
  };
  return Object.entries(commands).map(([action, command]) => ({ action, command }));
}

async function paperOf(name: string, bytes: Uint8Array): Promise<{ text: string; encoding: string }> {
  try {
    return await readPaper(name, bytes);
  } catch (error) {
    // The reader knows nothing of refusals over HTTP; its codes have their sentences in messages.zh.ts.
    if (error instanceof PaperRefused) throw new Refused(error.code, error.details);
    throw error;
  }
}

function lineOf(row: FeedbackRow, found: number): FeedbackLine {
  const { id: feedbackId, roundId, fileName, feedbackDate, state, declaredIssues } = row;
  const declared = declaredIssues >= 0 && { declaredIssues };
  return { feedbackId, roundId, fileName, feedbackDate, state, found, ...declared };
}
