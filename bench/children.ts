// Processes of a benchmark: whatever is measured with its memory has one of its own.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { AgencyReport, AgencyTask } from './agency';
import { nextMessage } from './loaded';
import type { LogPeerReady } from './log-peer';

export async function startLogPeer(folder: string, events: number): Promise<LogPeerReady & { stop(): Promise<void> }> {
  const child = start('log-peer', [folder, String(events)]);
  return { ...(await nextMessage<LogPeerReady>(child)), stop: () => stop(child) };
}

export async function runAgency(task: AgencyTask): Promise<AgencyReport> {
  const child = start('agency', [JSON.stringify(task)]);
  const report = await nextMessage<AgencyReport>(child);
  await stop(child);
  return report;
}

/** @param name of a file beside this one */
export function start(name: string, args: readonly string[]): ChildProcess {
  return fork(join(__dirname, `${name}.js`), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** At once: none of these processes keeps anything, and some peers catch the signal that asks politely. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
