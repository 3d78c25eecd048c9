// `npm run bench -- NAME [--json]`: one program per figure; each prints what it measured and on what.
import { cpus, totalmem } from 'node:os';
import { Command } from 'commander';
import { measureLoop } from './loop';
import { measureStart } from './start';

const figures: Readonly<Record<string, () => Promise<object>>> = { start: measureStart, loop: measureLoop };

const program = new Command('bench')
  .argument('<name>', `one of: ${Object.keys(figures).join(', ')}`)
  .option('--json', 'one line of JSON')
  .action(async (name: string, options: { json?: boolean }) => {
    const measure = figures[name];
    if (!measure)
      return program.error(`no figure ${name}; there are ${Object.keys(figures).join(', ')}`, { exitCode: 2 });
    const machine = { node: process.version, cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) };
    const result = { name, machine, ...(await measure()) };
    process.stdout.write(`${JSON.stringify(result, null, options.json ? undefined : 2)}\n`);
  });

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exitCode = 1;
});
