// `audit replay` as people see it: totals, one digest a view, and one of all by which two outsiders compare.
import { writeFile } from 'node:fs/promises';
import { statusWords } from '#contracts/words.zh';
import type { IssueStatus } from '#contracts/answers';
import { replay } from './replay';
import type { ReplayResult } from './replay';
import { readReplayFile } from './replay-file';
import { BadTarget } from './sources';
import type { AuditOptions } from './verify';

type Flags = { readonly out?: string; readonly against?: string; readonly json?: boolean };

/** @throws PolicyFault or BadTarget for wrong usage */
export async function replayLogs(
  targets: readonly string[],
  { out, against, json }: Flags,
  options: AuditOptions,
  terminal: { out(text: string): void },
): Promise<ReplayResult> {
  const other = against === undefined ? undefined : await readReplayFile(against);
  const result = await replay(targets, { ...options, ...(other && { against: other }) });
  const { rebuilt, ...rest } = result;
  if (rebuilt && out !== undefined) {
    await writeFile(out, `${JSON.stringify(rebuilt.file)}\n`, { flush: true }).catch((cause: unknown) => {
      throw new BadTarget(`无法写入 ${out}(${(cause as NodeJS.ErrnoException).code})`, { cause });
    });
  }
  if (json) terminal.out(`${JSON.stringify({ ...rest, ...(rebuilt && summary(rebuilt)) })}\n`);
  else if (rebuilt) terminal.out(sentences(rebuilt));
  return result;
}

type Rebuilt = NonNullable<ReplayResult['rebuilt']>;

function summary({ file, totals }: Rebuilt) {
  const views = file.views.map(({ view, version, rows, sha256 }) => ({ view, version, rows: rows.length, sha256 }));
  return { sha256: file.sha256, views, totals };
}

function sentences({ file, totals }: Rebuilt): string {
  const status = Object.entries(totals.status).map(([key, count]) => `${statusWords[key as IssueStatus]} ${count}`);
  const units = totals.units.map(
    ({ unitName, issues, closedOut, substantiallyDone, open }) =>
      `  ${unitName}:共 ${issues},已销号 ${closedOut},基本完成 ${substantiallyDone},未完成 ${open}\n`,
  );
  const made = file.views.map(
    ({ view, version, rows, sha256 }) => `  ${view} v${version}:${rows.length} 行,SHA-256 ${sha256}\n`,
  );
  const head = `只凭日志重建:共 ${totals.issues} 个问题(${status.join('、')})\n`;
  return `${head}${units.join('')}${made.join('')}重放摘要 SHA-256 ${file.sha256}\n`;
}
