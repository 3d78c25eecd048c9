// `npm run demo -- --feedback FILE --data DIR [--json]`: an own world in DIR, from a published text to closed issues,
// through the consoles' HTTP interfaces, until three agencies agree and an outsider's audit of their logs passes.
import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { basename, join, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { Command } from 'commander';
import { agencies } from '#kernel/envelope';
import { PaperRefused } from '#papers/paper-refused';
import { readPaper } from '#papers/read-paper';
import { NotStarted } from './not-started';
import { takeFolder } from './one-start';
import { program } from './programs';
import { Region } from './region';
import { agreed, claim, ledger, openFeedback, rectify, requestCloseOut, settled, until, verify } from './scenario';
import type { Cast, Staff } from './scenario';
import type { LedgerLine } from '#contracts/answers';

type LogSummary = {
  origin: string;
  vkey: string;
  /** Of the agency's witness, which cosigns the other two logs. */
  witnessVkey: string;
  size: number;
  root: string;
  dir: string;
  /** How many witnesses confirm the log to its end. */
  witnesses: number;
};

/** Demonstrations happen on a date whose working days are known, whatever today is. */
const feedbackDate = '2026-09-01';

async function main(): Promise<void> {
  const program = new Command('demo')
    .requiredOption('--feedback <file>', 'published text (txt, docx)')
    .requiredOption('--data <dir>', 'folder of the demonstration world; removed before, kept after')
    .option('--json', 'only the closing line')
    .parse();
  const options = program.opts<{ feedback: string; data: string; json?: boolean }>();
  const started = performance.now();
  const say = (line: string): void => void (options.json || process.stdout.write(`${line}\n`));
  const data = resolve(options.data);
  const paper = { name: basename(options.feedback), bytes: await readFile(options.feedback).catch(notReadable) };
  // Before anything is removed or started: what cannot be read has no demonstration.
  await readPaper(paper.name, paper.bytes);
  demandOwn(data, [process.cwd(), resolve(options.feedback)]);
  // A running `npm start` keeps its folder.
  takeFolder(data).release();
  await rm(data, { recursive: true, force: true });
  const region = await Region.start({ data });
  let agreement = false;
  try {
    say(`三家机构已启动：${Object.values(region.urls).join('  ')}`);
    const { cast, declared, found } = await openFeedback(region, paper, feedbackDate);
    say(`反馈已导入：声明${declared ?? '未写明'}条，找到${found}条`);
    await drive(cast, await ledger(cast.office), say);
    const lines = await ledger(cast.office);
    agreement = await agreed(cast).then(
      () => true,
      (error: Error) => {
        process.stderr.write(`${error.message}\n`);
        return false;
      },
    );
    say(agreement ? '三家机构的台账一致' : '三家机构的台账不一致');
    const counts = {
      declared,
      found,
      registered: lines.length,
      closedOut: lines.filter((line) => line.status === 'closedOut').length,
      returned: lines.reduce((sum, line) => sum + line.returns, 0),
      substantiallyDone: lines.filter((line) => line.status === 'substantiallyDone').length,
    };
    say(await witnessed(region));
    await region.stop();
    const { audit, logs } = await auditOf(data);
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    process.stdout.write(`${JSON.stringify({ ...counts, agreed: agreement, logs, audit, seconds })}\n`);
    process.exitCode = agreement && audit === 'ok' ? 0 : 1;
  } finally {
    await region.stop();
  }
}

/**
 * Claims all, closes most, returns one once, accepts one as substantially done. Every fifth stays open, unless it is a
 * selection issue: the organization department shall have something to verify.
 */
async function drive(cast: Cast, lines: readonly LedgerLine[], say: (line: string) => void): Promise<void> {
  const work = lines.map((line, n) => async () => {
    const staff = cast.staff.get(line.unitId) as Staff;
    await claim(staff, line.issueId);
    if (n % 5 === 4 && line.special !== 'selection') return;
    await rectify(staff, line.issueId, line.due, feedbackDate);
    await requestCloseOut(cast, line);
    if (n === 0) {
      await verify(cast, line, 'return', { reasonCode: 'evidenceMissing', reason: '缺少会议记录原件，请补充后再报。' });
      await settled(cast, line.issueId, 'rectifying', 1);
      await requestCloseOut(cast, line);
    }
    if (n === 1) {
      await verify(cast, line, 'acceptAsSubstantiallyDone', {
        remaining: '制度运行满一年后复查。',
        newDate: '2099-12-31',
      });
      await settled(cast, line.issueId, 'substantiallyDone');
    } else {
      await verify(cast, line, 'accept');
      await settled(cast, line.issueId, 'closedOut');
    }
    say(`${line.number} 已办理`);
  });
  await sideBySide(work, 4);
}

async function sideBySide(work: readonly (() => Promise<void>)[], lanes: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let task = work[next++]; task; task = work[next++]) await task();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Waits for the witnesses, who are a moment behind, so that what is kept confirms itself; says how it went. */
async function witnessed(region: Region): Promise<string> {
  const cosigned = async (url: string): Promise<boolean> => {
    const lines = (await (await fetch(`${url}/log/checkpoint`)).text()).split('\n');
    // Of a log without entries there is nothing to witness.
    return lines[1] === '0' || lines.filter((line) => line.startsWith('— ')).length > 2;
  };
  return until('both witnesses of each log', async () => {
    const all = await Promise.all(Object.values(region.feeds).map(cosigned));
    return all.every((each) => each) ? '三家机构的日志都已由另两家见证' : undefined;
  }).catch(() => '有的日志尚未由另两家见证');
}

async function auditOf(data: string): Promise<{ audit: string; logs: Record<string, LogSummary> }> {
  const dirs = agencies.map((agency) => join(data, agency, 'log'));
  const run = promisify(execFile)(process.execPath, [program('apps/auditor/src/main'), 'verify', ...dirs, '--json']);
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  const result = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as {
    ok: boolean;
    what?: string;
    logs?: { origin: string; size: number; root: string; witnesses: string[]; witnessedSize: number }[];
  };
  const logs: Record<string, LogSummary> = {};
  for (const [n, agency] of agencies.entries()) {
    const dir = dirs[n] as string;
    const vkey = (await readFile(join(dir, 'vkey'), 'utf8')).trim();
    // By name: a log that was not whole is missing among the results.
    const log = result.logs?.find(({ origin }) => vkey.startsWith(`${origin}+`));
    if (!log) continue;
    const { origin, size, root } = log;
    const witnessVkey = (await readFile(join(dir, 'witness-vkey'), 'utf8')).trim();
    const witnesses = log.witnessedSize === size ? log.witnesses.length : 0;
    logs[agency] = { origin, vkey, witnessVkey, size, root, dir, witnesses };
  }
  return { audit: result.ok ? 'ok' : (result.what ?? 'failed'), logs };
}

/** The folder is removed with all that is in it: it must not hold what was there before the demonstration. */
function demandOwn(data: string, others: readonly string[]): void {
  const held = others.find((path) => `${path}${sep}`.startsWith(data.endsWith(sep) ? data : `${data}${sep}`));
  if (held === undefined) return;
  throw new NotStarted(
    `没有启动：演示会先清空数据目录，而 ${data} 里有 ${held}。请用 --data 另指定一个空目录。\n` +
      `Not started: ${data} would be removed, and it holds ${held}. Name another folder with --data.`,
  );
}

function notReadable(error: NodeJS.ErrnoException): never {
  throw new NotStarted(`打不开反馈文件（${error.code}）。请核对路径和读取权限。\nNot started: ${error.message}`);
}

main().catch((error: Error) => {
  const told = error instanceof NotStarted || error instanceof PaperRefused;
  process.stderr.write(`${told ? error.message : (error.stack ?? error.message)}\n`);
  process.exitCode = 1;
});
