// Work on an agency's data while its service is stopped needs the agency's own rules and read models, which its main
// program alone lists: so such a command is that program, told by its first word to do this instead of serving.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { agencies } from '#kernel/envelope';
import type { Config } from './config';
import type { Slice } from './slice';

type Program = (config: Config, slices: readonly Slice[], words: readonly string[]) => Promise<number>;

/** What an agency's program does instead of serving, by its first word; loaded only then. */
export const offline: Readonly<Record<string, () => Promise<Program>>> = {
  fsck: async () => (await import('#chassis/fsck/run')).runFsck,
  'rotate-key': async () => (await import('#chassis/rotate')).runRotate,
  disclose: async () => (await import('#chassis/journal/disclose-run')).runDisclose,
  'revoke-key': async () => (await import('#chassis/revoke')).runRevoke,
  'key-proof': async () => (await import('#chassis/prove-keys')).runProveKeys,
  recover: async () => (await import('#chassis/recovery/run')).runRecover,
};

/** Runs `node apps/AGENCY/src/main NAME …` and ends with its exit code. @param words AGENCY and what follows */
export function runOffline(name: string, usage: string, [agency, ...words]: readonly string[]): Promise<void> {
  if (!agencies.some((known) => known === agency)) {
    process.stderr.write(`usage: npm run ${name} -- AGENCY ${usage}   AGENCY: ${agencies.join(', ')}\n`);
    process.exitCode = 2;
    return Promise.resolve();
  }
  const main = join(__dirname, '..', '..', 'apps', agency as string, 'src', 'main.js');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [main, name, ...words], { stdio: 'inherit' });
    // A terminal signals both; the child stops its database first.
    process.on('SIGINT', () => undefined);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
      resolve();
    });
  });
}
