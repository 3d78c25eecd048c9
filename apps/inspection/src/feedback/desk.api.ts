// The clerk's desk: a paper comes in, is read into lines, shown beside its source, and frozen. Nothing here decides.
import { createHash } from 'node:crypto';
import { Refused } from '#kernel/decider';
import type { AnyDecider } from '#kernel/decider';
import { holidays } from '#kernel/holidays';
import type { FeedbackLine, FeedbackPage } from '#contracts/answers';
import { registerFeedback } from '#contracts/api';
import type { WitnessStatus } from '#contracts/witnesses';
import type { DryRun, Try } from '#chassis/dry-run';
import type { Files } from '#chassis/files';
import { parsed } from '#chassis/input';
import type { Person } from '#chassis/person';
import type { Reads } from '#chassis/reads';
import type { Upload } from '#chassis/uploads';
import { witnessedEvents } from '#joint/ledger/witnessed.api';
import { newId } from '#joint/new-id';
import { outline } from '#papers/outline';
import { PaperRefused } from '#papers/paper-refused';
import { readPaper } from '#papers/read-paper';
import type { FeedbackCommand, FeedbackState, RoundFacts } from './feedback';
import { feedback } from './feedback';
import type { FeedbackRow } from './feedback-list';
import { feedbackList } from './feedback-list';
import { noteWords, proposedLines } from './outline-lines';

/** A page shows so much of the source text beside the lines. */
const maxSourceLength = 200_000;
/** The list goes back so far. */
const maxLines = 500;

export class Desk {
  constructor(
    private readonly dryRun: DryRun,
    private readonly reads: Reads,
    private readonly files: Files,
    private readonly round: AnyDecider,
  ) {}

  async list(who: Person): Promise<FeedbackLine[]> {
    const rows = await this.reads.rows(feedbackList, 'true', [], `order by registered_at desc limit ${maxLines}`);
    const witnessed = await this.witnessed(rows);
    return Promise.all(
      rows.map(async (row) => {
        // Lines under edit are not published, so their number is asked of the record itself.
        const found = row.state === 'frozen' ? row.found : (await this.state(row.id, who)).registered?.lines.length;
        return lineOf(row, found ?? 0, witnessed(row));
      }),
    );
  }

  /** What to ask when a paper comes in, and of which record. @throws FieldFaults, Refused `paper.*` */
  async registering({ fields, file, read }: Upload, who: Person): Promise<{ id: string; command: FeedbackCommand }> {
    const { roundId, feedbackDate } = parsed(registerFeedback, fields);
    const round = await this.facts(roundId, who);
    const paper = await paperOf(file.name, await read());
    const found = outline(paper.text);
    const command: FeedbackCommand = {
      type: 'RegisterFeedback',
      ...{ round, roundId, feedbackDate, fileName: file.name, fileSha256: file.sha256 },
      ...{ kind: found.kind, encoding: paper.encoding, declared: found.declared },
      notes: found.notes.map(noteWords),
      lines: proposedLines(found.leaves, round.organisations),
    };
    return { id: feedbackIdOf(roundId, feedbackDate, file.sha256), command };
  }

  async freezing(feedbackId: string, difference: string, who: Person): Promise<FeedbackCommand> {
    const { registered } = await this.state(feedbackId, who);
    const round = await this.facts(registered?.roundId ?? '', who);
    return { type: 'FreezeFeedback', difference, round, calendar: holidays };
  }

  async page(feedbackId: string, who: Person): Promise<FeedbackPage> {
    const { status, registered } = await this.state(feedbackId, who);
    if (!registered || status === 'unknown') throw new Refused('record.none');
    const round = await this.facts(registered.roundId, who);
    const { actions, revision } = await this.dryRun.open(feedback, feedbackId, who, tries(round));
    const source = await paperOf(registered.fileName, await this.files.read(registered.fileSha256));
    const { roundId, fileName, fileSha256, feedbackDate, kind, encoding, declared, notes, lines } = registered;
    const issues = declared['issues'];
    const rows = await this.reads.rows(feedbackList, 'id = $1', [feedbackId]);
    const witness = (await this.witnessed(rows))(rows[0]);
    return {
      ...{ feedbackId, roundId, fileName, feedbackDate, state: status, found: lines.length, witness },
      ...(typeof issues === 'number' && { declaredIssues: issues }),
      ...{ revision, fileSha256, kind, encoding, source: source.text.slice(0, maxSourceLength) },
      ...{ declared, notes, lines, actions },
    };
  }

  private async witnessed(rows: readonly FeedbackRow[]): Promise<(row: FeedbackRow | undefined) => WitnessStatus> {
    const ids = rows.map(({ toldBy }) => toldBy);
    const found = await witnessedEvents(this.reads, ids);
    return (row) => (row && found.get(row.toldBy)) ?? 'recorded';
  }

  private async state(feedbackId: string, who: Person): Promise<FeedbackState> {
    return (await this.dryRun.open(feedback, feedbackId, who, [])).state as FeedbackState;
  }

  /** Folded from the round's own events: no read model stands in for them. */
  private async facts(roundId: string, who: Person): Promise<RoundFacts> {
    const { state } = await this.dryRun.open(this.round, roundId, who, []);
    return { open: state.status === 'open', organisations: state.organisations, ruleSet: state.ruleSet };
  }
}

/** The same paper of the same day in the same round is the same feedback: brought in again, it is refused as known. */
function feedbackIdOf(roundId: string, feedbackDate: string, sha256: string): string {
  return newId('f', createHash('sha256').update(`${roundId}\n${feedbackDate}\n${sha256}`).digest('hex'));
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

function lineOf(row: FeedbackRow, found: number, witness: WitnessStatus): FeedbackLine {
  const { id: feedbackId, roundId, fileName, feedbackDate, state, declaredIssues } = row;
  const declared = declaredIssues >= 0 && { declaredIssues };
  return { feedbackId, roundId, fileName, feedbackDate, state, found, witness, ...declared };
}
