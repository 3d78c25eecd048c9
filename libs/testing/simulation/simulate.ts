// `npm run simulate -- [--seeds N] [--from SEED] [--steps N] [--fault NAME] [--backups] [--trace]`: runs the simulated region and judges
// it. Exit code 0: nothing found; 1: something was; 2: wrong usage.
import { Command, InvalidArgumentError } from 'commander';
import { check } from './checker/check';
import type { Finding } from './checker/finding';
import { plantNames } from './plants';
import type { Plant } from './plants';
import { simulate } from './simulation';

type Options = {
  readonly seeds: number;
  readonly from: number;
  readonly steps: number;
  readonly fault?: Plant;
  readonly trace?: true;
  readonly backups?: true;
};

/** Findings that are printed of one seed; the first mostly explains the others. */
const shown = 5;

async function run({ seeds, from, steps, fault, trace, backups }: Options): Promise<void> {
  const plants = new Set(fault === undefined ? [] : [fault]);
  let failing = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const simulated = await simulate({ seed, steps, plants, traced: trace === true, backups: backups === true });
    if (trace) process.stdout.write(`${simulated.trace.join('\n')}\n`);
    const findings = check(simulated.run);
    if (findings.length > 0 || trace) process.stdout.write(told(seed, simulated.hash, findings));
    if (findings.length === 0) continue;
    failing++;
    const planted = fault === undefined ? '' : ` --fault ${fault}`;
    const more = `${planted}${backups ? ' --backups' : ''} --trace`;
    process.stdout.write(`  again: npm run simulate -- --from ${seed} --seeds 1 --steps ${steps}${more}\n`);
  }
  process.stdout.write(`${seeds} 个种子，${failing} 个有发现 / ${seeds} seeds, ${failing} with findings\n`);
  process.exitCode = failing > 0 ? 1 : 0;
}

function told(seed: number, hash: string, findings: readonly Finding[]): string {
  const lines = findings
    .slice(0, shown)
    .map(({ rule, sentence, witness }) => `  ${rule} ${sentence}\n     ${witness}\n`);
  const more = findings.length > shown ? `  and ${findings.length - shown} more\n` : '';
  return `seed ${seed} (${hash}): ${findings.length} findings\n${lines.join('')}${more}`;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number');
  return Number(text);
}

function faultName(text: string): Plant {
  const plant = plantNames.find((each) => each === text);
  if (!plant) throw new InvalidArgumentError(`one of: ${plantNames.join(', ')}`);
  return plant;
}

const program = new Command('simulate')
  .option('--seeds <count>', 'how many seeds', wholeNumber, 100)
  .option('--from <seed>', 'the first of them', wholeNumber, 1)
  .option('--steps <count>', 'how many steps each goes before it comes to rest', wholeNumber, 2_500)
  .option('--fault <name>', 'with this fault planted', faultName)
  .option('--backups', 'an agency may lose its machine and get an older backup back')
  .option('--trace', 'print everything that happens')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .action(run);

void program.parseAsync();
