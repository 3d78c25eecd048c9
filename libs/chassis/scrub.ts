// A slow walk through everything that is kept, for as long as the service runs: disks and memories change bits in what
// nobody reads for years, and a copy can only be healed while another is still whole.
import { setTimeout as pause } from 'node:timers/promises';
import type { LogSink } from '#stream/log-sink';
import { placeOf, partOf, remedyOf } from './fsck/finding';
import type { Finding } from './fsck/finding';
import type { Sql } from './database';
import { closeUnseen, countDamage, loadPlace, noteDamage, savePlace } from './scrub-tables';
import type { Place } from './scrub-tables';

/** Part of a pass: steps 0, 1, 2 … until one says that there is nothing more. */
export type Stretch = {
  readonly name: string;
  /** @returns undefined beyond the last step */
  readonly judge: (step: bigint) => Promise<readonly Finding[] | undefined>;
  /** @returns from where the bytes came; undefined when nothing was done */
  readonly heal: (step: bigint, findings: readonly Finding[]) => Promise<string | undefined>;
};

export type ScrubParts = {
  readonly sql: Sql;
  readonly stretches: readonly Stretch[];
  /** Steps a second; a step is 256 entries of a log with their files. */
  readonly pace: number;
  /** From the end of a pass to the next one. */
  readonly restMs: number;
  /** RFC 3339 UTC. */
  readonly clock: () => string;
  readonly log: LogSink;
  readonly onDamage: (part: string, outcome: 'healed' | 'open') => void;
};

const faultMs = 60_000;

export class Scrub {
  private readonly stopped = new AbortController();
  private readonly running: Promise<void>;
  private place: Place | undefined;

  constructor(private readonly parts: ScrubParts) {
    this.running = this.run();
  }

  /** For whoever watches the service. */
  async detail(): Promise<string> {
    const { open, healed } = await countDamage(this.parts.sql);
    const at = this.place;
    const where = !at
      ? 'not begun'
      : at.endedAt
        ? `pass ${at.pass} ended`
        : `pass ${at.pass} at ${at.stretch} ${at.step}`;
    return `${where}; damage: ${open} open, ${healed} healed`;
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopped;
    await this.sleep(1_000 / this.parts.pace);
    while (!signal.aborted) {
      try {
        await this.pass();
        await this.sleep(this.parts.restMs);
      } catch (error) {
        // The database or the disk is away: the step is taken again.
        this.parts.log.warn({ err: error }, 'the scrub waits');
        await this.sleep(faultMs);
      }
    }
  }

  /** One pass, or the rest of the one that a restart cut off. */
  private async pass(): Promise<void> {
    const { sql, stretches, pace, clock } = this.parts;
    const left = await loadPlace(sql);
    const begun = left && left.endedAt === undefined;
    const { pass, begunAt } = begun ? left : { pass: (left?.pass ?? 0) + 1, begunAt: clock() };
    const first = begun
      ? Math.max(
          stretches.findIndex(({ name }) => name === left.stretch),
          0,
        )
      : 0;
    for (const [nth, stretch] of stretches.slice(first).entries()) {
      let step = begun && nth === 0 && stretch.name === left.stretch ? left.step : 0n;
      for (; !this.stopped.signal.aborted; step++) {
        this.place = { pass, begunAt, stretch: stretch.name, step, endedAt: undefined };
        await savePlace(sql, this.place);
        if (!(await this.take(stretch, step))) break;
        await this.sleep(1_000 / pace);
      }
    }
    if (this.stopped.signal.aborted || !this.place) return;
    const ended = { ...this.place, endedAt: clock() };
    await closeUnseen(sql, begunAt, clock());
    await savePlace(sql, ended);
    this.place = ended;
  }

  /** @returns false when the stretch has no such step */
  private async take(stretch: Stretch, step: bigint): Promise<boolean> {
    const findings = await stretch.judge(step);
    if (!findings) return false;
    if (findings.length === 0) return true;
    const from = await stretch.heal(step, findings);
    const left = from === undefined ? findings : ((await stretch.judge(step)) ?? []);
    const open = new Set(left.map(nameOf));
    for (const finding of findings) await this.tell(finding, open.has(nameOf(finding)) ? undefined : from);
    const known = new Set(findings.map(nameOf));
    for (const finding of left) if (!known.has(nameOf(finding))) await this.tell(finding, undefined);
    return true;
  }

  private async tell(finding: Finding, healedFrom: string | undefined): Promise<void> {
    const { sql, clock, log, onDamage } = this.parts;
    const fresh = await noteDamage(sql, finding, clock(), healedFrom);
    if (!fresh && healedFrom === undefined) return;
    const { fault, what } = finding;
    const fields = { part: partOf(finding), place: placeOf(finding), fault, what };
    onDamage(fields.part, healedFrom === undefined ? 'open' : 'healed');
    if (healedFrom !== undefined) log.error({ ...fields, from: healedFrom }, 'damage was found and healed');
    else log.error({ ...fields, remedy: remedyOf(finding) }, 'damage was found and could not be healed');
  }

  private async sleep(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: this.stopped.signal }).catch(() => undefined);
  }
}

function nameOf(finding: Finding): string {
  return `${partOf(finding)} ${placeOf(finding)} ${finding.fault}`;
}
