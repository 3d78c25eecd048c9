// CPU time of this process and of all that it started, servers included. On a machine that others use as well, seconds
// on the clock say little, and a peer with sixteen server processes gets more of the cores than one with two; CPU time
// for one event stays what it is.
import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/** Seconds so far, of processes that have ended as well. Linux only: elsewhere NaN. */
export function cpuSeconds(): number {
  const stats = new Map<number, { parent: number; ticks: number }>();
  try {
    for (const name of readdirSync('/proc')) if (/^\d+$/.test(name)) read(Number(name), stats);
  } catch {
    return NaN;
  }
  const family = new Set([process.pid]);
  for (let size = 0; size !== family.size;) {
    size = family.size;
    for (const [pid, { parent }] of stats) if (family.has(parent)) family.add(pid);
  }
  return [...family].reduce((sum, pid) => sum + (stats.get(pid)?.ticks ?? 0), 0) / ticksPerSecond;
}

function read(pid: number, stats: Map<number, { parent: number; ticks: number }>): void {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): after the name in brackets come state and parent; user, system and ended children's times are 14 to 17.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    stats.set(pid, { parent: Number(fields[1]), ticks });
  } catch {
    // It ended between listing and reading: its time stands with its parent now.
  }
}
