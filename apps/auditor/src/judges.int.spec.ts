// Threads judge as one thread does, and one that ends is an error, never a verdict.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sampleEntries, sampleLog, sampleSource } from '#testing/sample-log';
import { LogFault, verifyLog } from '#tlog/log-reader';
import { Judges } from './judges';

// A thread on the sources: Node resolves `#…` by the condition `source`, swc takes the types away.
const program = `
  const { transformSync } = require('@swc/core');
  const { readFileSync } = require('node:fs');
  require('node:module')._extensions['.ts'] = (module, filename) =>
    module._compile(transformSync(readFileSync(filename, 'utf8'), { filename }).code, filename);
  require(${JSON.stringify(join(__dirname, 'judge-worker.ts'))});
`;
const workers: Worker[] = [];
const start = (code: string) => (): Worker => {
  const worker = new Worker(code, { eval: true, execArgv: ['--conditions=source'] });
  workers.push(worker);
  return worker;
};
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.terminate())));

const log = sampleLog(sampleEntries(2_600));

it('reads a log by two threads as by none', async () => {
  const seen: string[] = [];
  const onEntry = (entry: Uint8Array) => void seen.push(Buffer.from(entry).toString('utf8'));
  const { judge } = new Judges(start(program), 2, 1);
  expect(await verifyLog(sampleSource(log), { vkey: log.vkey, judge, onEntry })).toMatchObject({
    entries: 2_600n,
    root: log.root,
  });
  expect(workers).toHaveLength(2);
  expect(seen).toEqual(log.entries.map((entry) => Buffer.from(entry).toString('utf8')));
});

it('names the same first fault', async () => {
  const bundle = log.files.get('tile/entries/007')!;
  const bad = { ...log, files: new Map(log.files).set('tile/entries/007', bundle.with(999, 0) as Uint8Array) };
  const faultBy = (judge?: Judges['judge']) =>
    verifyLog(sampleSource(bad), { vkey: log.vkey, ...(judge && { judge }) }).catch((error: unknown) => error);
  const fault = await faultBy(new Judges(start(program), 2, 0).judge);
  expect(fault).toBeInstanceOf(LogFault);
  expect({ ...(fault as LogFault) }).toEqual({ ...((await faultBy()) as LogFault) });
});

it.each([
  ['ends', 'process.exit(3)', 'ended with 3'],
  ['fails', "throw new Error('out of luck')", 'out of luck'],
])('is refused an answer when a thread %s', async (_how, code, what) => {
  const { judge } = new Judges(start(code), 2, 0);
  await expect(verifyLog(sampleSource(log), { vkey: log.vkey, judge })).rejects.toThrow(what);
});
