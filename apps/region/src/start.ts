// `npm start [-- --empty]`: the three agencies on this machine, until Ctrl-C. On an empty data folder it prepares a
// demonstration round and accounts, whose passwords are printed once and stored nowhere.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { NotStarted } from './not-started';
import { takeFolder } from './one-start';
import { Region } from './region';

/**
 * A start after a kill -9 waits so long for the services that were left behind to end. Longer than one of them may take
 * that was itself just starting (libs/chassis/serve.ts).
 */
const patienceMs = 45_000;

type Say = (line: string) => void;

async function main(): Promise<void> {
  const say: Say = (line) => void process.stdout.write(`${line}\n`);
  const data = resolve(process.env['SANFANG_DATA'] || '.data');
  // Stands until the accounts have been told: a first start that was cut short before that is still a first start.
  const untold = join(data, 'demonstration.pending');
  const fresh = (isEmpty(data) || existsSync(untold)) && !process.argv.includes('--empty');
  const { afterKill, release } = takeFolder(data);
  process.once('exit', release);
  const ending = new AbortController();
  let region: Region | undefined;
  const end = (): void => {
    ending.abort();
    void region?.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  try {
    if (fresh) writeFileSync(untold, '');
    region = await started(data, afterKill ? patienceMs : 0, ending.signal);
    // Asked to end while the services were still starting: they are whole now, and can be stopped in order.
    if (ending.signal.aborted) return end();
    if (fresh) {
      // What prepares a demonstration reads papers and speaks HTTP: not to be carried by every later start.
      const { demonstrate } = await import('./demonstration.js');
      await demonstrate(region, say, () => rmSync(untold, { force: true })).catch((error: unknown) => {
        throw existsSync(untold) && !ending.signal.aborted ? halfMade(data, error as Error) : error;
      });
    }
  } catch (error) {
    await region?.stop();
    if (isEmpty(data)) rmSync(untold, { force: true });
    if (!ending.signal.aborted) throw error;
    // Asked to end in the middle of it: that it came to nothing was the wish.
    process.exit(0);
  }
  const { commission, organization, inspection } = region.urls;
  say(`纪委监委 ${commission}\n组织部   ${organization}\n巡视办   ${inspection}（被巡视党组织也从这里登录）`);
  say(JSON.stringify({ ready: true, agencies: region.urls }));
}

function isEmpty(data: string): boolean {
  const held = (folder: string): boolean => existsSync(folder) && readdirSync(folder).length > 0;
  return !agencies.some((agency) => held(join(data, agency)));
}

/** Only within the second between the first account and its telling: what is there by then nobody can open. */
function halfMade(data: string, cause: Error): NotStarted {
  return new NotStarted(
    `没有启动：上次首次启动中途停止，示范数据没有建完。请删除数据目录 ${data} 后重新启动，或加 --empty 保留现有数据启动。\n` +
      `Not started: the demonstration of an interrupted first start is half made (${cause.message}). Remove ${data}, or ` +
      'start with -- --empty.',
  );
}

/** @param patience ms in which what was left behind by a killed start may still be in the way */
async function started(data: string, patience: number, ending: AbortSignal): Promise<Region> {
  // What is no usable port is for the services to name, together with all other faults; 0 is any free port.
  const first = Number(process.env['SANFANG_PORT'] || 8801);
  const port = Number.isInteger(first) && first > 0 && first <= 65_530 ? first : undefined;
  const until = performance.now() + patience;
  for (;;) {
    // Told only once it runs: a refusal is one clear sentence, not a sentence after a page of records.
    let lines: string[] | undefined = [];
    const onLine = (agency: Agency, line: string): void => {
      const record = `[${agency}] ${line}\n`;
      if (lines) lines.push(record);
      else process.stderr.write(record);
    };
    try {
      const region = await Region.start({ data, restart: true, onLine, ...(port !== undefined && { port }) });
      process.stderr.write(lines.join(''));
      lines = undefined;
      return region;
    } catch (error) {
      const settings = error instanceof NotStarted && error.faults.length > 0;
      if (settings || ending.aborted || performance.now() > until) throw error;
      await pause(250);
    }
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(error instanceof NotStarted ? error.exitCode : 1);
});
