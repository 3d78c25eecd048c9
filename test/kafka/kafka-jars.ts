// The jars of a real Kafka, from Maven Central by test/kafka/pom.xml, kept in .cache between runs. Decided while a test
// file loads, so that a machine without Java or Maven reports its Kafka tests as skipped and says why.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../apps/region/src/programs';

const pom = join(root, 'test/kafka/pom.xml');
const leastJava = 17;

export type Jars = { readonly classPath: string } | { readonly missing: string };

/** A class path, or in words what this machine lacks. The first call on a machine downloads some 45 MB. */
export function kafkaJars(): Jars {
  const java = javaVersion();
  if (java < leastJava) return { missing: java === 0 ? 'java is not installed' : `Java ${java} is too old` };
  const cache = join(root, '.cache', 'kafka');
  const name = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12);
  const kept = join(cache, name);
  if (!existsSync(kept)) {
    const missing = fetchInto(cache, kept);
    if (missing !== undefined) return { missing };
  }
  return { classPath: join(kept, '*') };
}

function fetchInto(cache: string, kept: string): string | undefined {
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(join(cache, 'draft-'));
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${draft}`];
  try {
    execFileSync('mvn', ['-q', '-B', '-f', pom, ...goal], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000 });
    // Two test files may fetch at the same time: the first rename wins, and both folders hold the same jars.
    if (!existsSync(kept)) renameSync(draft, kept);
    return undefined;
  } catch (error) {
    if (existsSync(kept)) return undefined;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 'mvn is not installed';
    return `the jars of Kafka could not be fetched: ${message.split('\n')[0]}`;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** 0 = none. */
function javaVersion(): number {
  try {
    const said = execFileSync('java', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return Number(/^\S+ (\d+)/.exec(said)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
