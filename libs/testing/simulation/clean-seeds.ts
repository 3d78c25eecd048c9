// Runs of the product as it is, in a process of their own: within Jest every step costs twice as much.
import { execFile } from 'node:child_process';
import { program } from '../../../apps/region/src/programs';

/** @returns what the simulation says: with each finding what shows it again, and in the end how many there were */
export function said(from: number, seeds: number): Promise<string> {
  const words = [program('libs/testing/simulation/simulate'), '--from', String(from), '--seeds', String(seeds)];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, words, { maxBuffer: 1 << 24 }, (error, out, err) => {
      // Exit code 1 says that there is something to read.
      if (error && error.code !== 1) reject(new Error(`${error.message}\n${err}`));
      else resolve(out);
    });
  });
}
