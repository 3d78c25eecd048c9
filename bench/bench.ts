// `npm run bench -- NAME [--json]`: one program per figure; each prints what it measured and on what.
import { cpus, totalmem } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { measureApi } from './api';
import { measureAppend } from './append';
import { measureAudit } from './audit';
import { measureCatchup } from './catchup';
import { measureCosigned } from './cosigned';
import { measureDetect } from './detect';
import { measureKafka } from './kafka';
import { measureLedger } from './ledger';
import { measureLoop } from './loop';
import type { BenchOptions } from './options';
import { measureOrder } from './order';
import { measureRead } from './read';
import { measureRebuild } from './rebuild';
import { measureSigned } from './signed';
import { measureStart } from './start';

const figures: Readonly<Record<string, (options: BenchOptions) => Promise<object>>> = {
  start: measureStart,
  loop: measureLoop,
  append: measureAppend,
  order: measureOrder,
  read: measureRead,
  catchup: measureCatchup,
  ledger: measureLedger,
  api: measureApi,
  rebuild: measureRebuild,
  kafka: measureKafka,
  audit: measureAudit,
  signed: measureSigned,
  cosigned: measureCosigned,
  detect: measureDetect,
};

const program = new Command('bench')
  .argument('<name>', `one of: ${Object.keys(figures).join(', ')}`)
  .option('--json', 'one line of JSON')
  .option('--events <count>', 'size of what is measured', wholeNumber)
  .option('--rounds <count>', 'interleaved rounds', wholeNumber)
  .option('--seconds <count>', 'length of one measured stretch', wholeNumber)
  .option('--entry-bytes <count>', 'audit: mean size of an entry', wholeNumber)
  .option('--gm', 'audit: entries with an SM3 digest')
  .option('--peers', 'loop: also with NOTIFY and with Emmett')
  .action(async (name: string, options: BenchOptions & { json?: boolean }) => {
    const figure = figures[name];
    if (!figure)
      return program.error(`no figure ${name}; there are ${Object.keys(figures).join(', ')}`, { exitCode: 2 });
    const machine = { node: process.version, cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30) };
    const result = { name, machine, ...(await figure(options)) };
    process.stdout.write(`${JSON.stringify(result, null, options.json ? undefined : 2)}\n`);
  });

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('a whole number, please');
  return Number(text);
}

program.parseAsync().catch((error: Error) => {
  process.stderr.write(`${error.stack ?? error.message}\n`);
  process.exitCode = 1;
});
