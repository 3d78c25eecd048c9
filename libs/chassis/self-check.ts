// The agency looks at itself: does each entry of its log still say what its store says, do rows, files and signature
// still agree, and do the peers' entries still give what the peers signed? A change made by whoever can write to the
// database or the disk is named here by its index, without waiting for an auditor.
import { performance } from 'node:perf_hooks';
import type { SelfFault } from '#contracts/self-check';
import { checkLogs } from './fsck/fsck';
import type { CheckParts } from './fsck/fsck';

/** `what` says in English what `fault` stands for; `origin` is there when the fault is in the copy of a peer's log. */
export type SelfVerdict =
  | { readonly size: number; readonly ok: true }
  | {
      readonly size: number;
      readonly ok: false;
      readonly index: number;
      readonly fault: SelfFault;
      readonly what: string;
      readonly origin?: string;
    };

export type SelfCheckParts = CheckParts;

const keptMs = 3_000;

export class SelfCheck {
  private running: Promise<SelfVerdict> | undefined;
  private last: { readonly verdict: SelfVerdict; readonly at: number } | undefined;

  constructor(private readonly parts: SelfCheckParts) {}

  /** One run at a time; an answer serves everybody for some seconds, while the log has not grown. */
  async verdict(): Promise<SelfVerdict> {
    const size = await this.signedSize();
    if (this.last && this.last.verdict.size === size && performance.now() - this.last.at < keptMs) {
      return this.last.verdict;
    }
    this.running ??= this.run(size).finally(() => (this.running = undefined));
    return this.running;
  }

  private async run(size: number): Promise<SelfVerdict> {
    let verdict: SelfVerdict = { size, ok: true };
    // The first that does not fit is enough to say that the agency's word is in doubt.
    for await (const { index, fault, what, origin } of checkLogs(this.parts, { allCheckpoints: false })) {
      const at = Number(index ?? Math.max(size - 1, 0));
      verdict = { size, ok: false, index: at, fault, what, ...(origin !== undefined && { origin }) };
      break;
    }
    this.last = { verdict, at: performance.now() };
    return verdict;
  }

  private async signedSize(): Promise<number> {
    const [row] = await this.parts.database.query('select coalesce(max(size), 0) as size from log.checkpoint');
    return Number(row.size);
  }
}
