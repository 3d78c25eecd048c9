// As programs of their own: inside Jest's sandbox the same seeds take three times as long.
import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const program = join(__dirname, '../../../dist/libs/testing/simulation/simulate.js');
const seeds = 1_000;
const halves = Math.min(2, availableParallelism());

function run(from: number, count: number, ...more: string[]): Promise<{ code: unknown; said: string }> {
  const args = [program, '--from', String(from), '--seeds', String(count), ...more];
  return new Promise((resolve) =>
    execFile(process.execPath, args, (error, out, err) => resolve({ code: error?.code ?? 0, said: out + err })),
  );
}

describe('three agencies, an auditor and all that may go wrong', () => {
  it('keep every promise on a thousand seeds', async () => {
    const each = seeds / halves;
    const ended = await Promise.all(Array.from({ length: halves }, (_, n) => run(1 + n * each, each)));
    expect(ended.map(({ said }) => said.trim().split('\n').at(-1))).toEqual(
      ended.map(() => `${each} 个种子，0 个有发现 / ${each} seeds, 0 with findings`),
    );
    expect(ended.map(({ code }) => code)).toEqual(ended.map(() => 0));
  }, 600_000);

  it('are judged: a planted fault is told with the seed that shows it, and exit code 1', async () => {
    const { code, said } = await run(1, 20, '--fault', 'naive-cursor');
    expect(code).toBe(1);
    expect(said).toContain('--fault naive-cursor --trace');
  }, 120_000);
});
