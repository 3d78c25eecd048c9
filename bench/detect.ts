// An administrator of the inspection office rewrites its history, everything consistent and signed with the log's stolen key,
// and the running service shows it: how long until both peers have found it and hold the evidence.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { canonicalBytes } from '#kernel/canonical-json';
import { sampleLog, writeSampleLog } from '#testing/sample-log';
import { bundleEntries } from '#tlog/bundle';
import { bundlePath } from '#tlog/tile';
import { Region } from '../apps/region/src/region';
import { openDesk } from './desk';
import type { BenchOptions } from './options';
import { against, round } from './rounds';

const origin = 'inspection.sanfang.example/events/v1';
const peers = ['commission', 'organization'] as const;
const lookMs = 20;
const patienceMs = 60_000;
const goalSeconds = 5;

type Rewrite = { readonly name: string; readonly rewrite: (entries: readonly Uint8Array[]) => Uint8Array[] };

const changed = (entry: Uint8Array): Uint8Array => {
  const value = JSON.parse(Buffer.from(entry).toString('utf8')) as Record<string, unknown>;
  return canonicalBytes({ ...value, commit: '0'.repeat(64) });
};
const rewrites: readonly Rewrite[] = [
  { name: 'last entry changed', rewrite: (entries) => [...entries.slice(0, -1), changed(entries.at(-1)!)] },
  {
    name: 'early entry changed',
    rewrite: (entries) => entries.map((entry, index) => (index === 5 ? changed(entry) : entry)),
  },
  {
    name: 'early entry removed, later one repeated',
    rewrite: (entries) => [...entries.toSpliced(5, 1), entries.at(-1)!],
  },
];

export async function measureDetect({ rounds = 1 }: BenchOptions): Promise<object> {
  const results: object[] = [];
  for (let nth = 0; nth < rounds; nth++) {
    for (const each of rewrites) results.push({ rewrite: each.name, ...(await measure(each)) });
  }
  return {
    from: 'rewritten files in place',
    to: 'evidence file in each peer, written when the alarm is raised',
    seconds: results,
  };
}

async function measure({ rewrite }: Rewrite): Promise<object> {
  const data = mkdtempSync(join(tmpdir(), 'sanfang-bench-detect-'));
  const region = await Region.start({ data });
  try {
    await openDesk(region);
    // All is cosigned and at rest.
    await pause(3_000);
    const folder = join(region.folder('inspection'), 'log');
    const [, size = '0'] = readFileSync(join(folder, 'checkpoint'), 'utf8').split('\n');
    const entries = [...bundleEntries(readFileSync(join(folder, bundlePath(0n, Number(size)))))].map((each) =>
      each.slice(),
    );
    const secret = readFileSync(join(region.folder('inspection'), 'keys', 'log.seed'), 'utf8');
    const seed = new Uint8Array(Buffer.from(secret, 'base64'));
    writeSampleLog({ files: sampleLog(rewrite(entries), { origin, seed }).files }, folder);
    const started = performance.now();
    const seconds: Record<string, number> = {};
    await Promise.all(
      peers.map(async (peer) => {
        while (!alarmed(region, peer)) {
          if (performance.now() - started > patienceMs) throw new Error(`${peer} noticed nothing in ${patienceMs} ms`);
          await pause(lookMs);
        }
        seconds[peer] = round((performance.now() - started) / 1000, 2);
      }),
    );
    return {
      entries: entries.length,
      ...seconds,
      both: against(goalSeconds, Math.max(...Object.values(seconds)), 'lower'),
    };
  } finally {
    await region.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

function alarmed(region: Region, peer: (typeof peers)[number]): boolean {
  const folder = join(region.folder(peer), 'evidence');
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.fork.json'));
}
