// Public test vectors live beside the project, not in it. Tests that need them look here, and when they are missing
// the test is reported as skipped with the reason: a missing vector is never a passed test.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of public vectors: what SANFANG_VECTORS names, else `../shared/vectors` seen from the project's root. */
export function vectorFolder(...path: string[]): string {
  return join(process.env.SANFANG_VECTORS ?? resolve(__dirname, '../../../shared/vectors'), ...path);
}

/** `describe`, or `describe.skip` with the reason in the title when the vectors are not there. */
export function describeWithVectors(title: string, folder: string, tests: () => void): void {
  if (existsSync(folder)) describe(title, tests);
  else describe.skip(`${title} (skipped: no vectors; set SANFANG_VECTORS)`, tests);
}
