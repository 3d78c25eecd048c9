// Nest's own command line knows this repository too: what it builds is what runs.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agencies } from '#kernel/envelope';

const root = join(__dirname, '../..');
const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');

it.each(agencies)(
  'nest start %s builds the agency and starts it',
  async (agency) => {
    const data = mkdtempSync(join(tmpdir(), 'sanfang-nest-'));
    const own = agency.toUpperCase();
    const env = { ...process.env, SANFANG_DATA: data, [`${own}_PORT`]: '0', [`${own}_FEED_PORT`]: '0' };
    // A group of its own: Nest's command line starts the service as a child and does not pass signals on.
    const child = spawn(process.execPath, [nest, 'start', agency], { cwd: root, env, detached: true });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    let told = '';
    try {
      const url = await new Promise<string>((resolve, reject) => {
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding('utf8').on('data', (text: string) => {
            told += text;
            const ready = /"url":"(http:[^"]+)","msg":"ready"/.exec(told);
            if (ready) resolve(ready[1] as string);
          });
        }
        child.once('exit', (code) => reject(new Error(`nest ended with ${code}:\n${told}`)));
      });
      expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: 'ok' });
      expect(await (await fetch(`${url}/log/vkey`)).text()).toContain(`${agency}.sanfang.example/events/v1+`);
    } finally {
      process.kill(-(child.pid as number), 'SIGTERM');
      await ended;
      rmSync(data, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    }
  },
  120_000,
);
