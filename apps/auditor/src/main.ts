// `npm run audit`: anybody with read access runs it, on any machine, without a database and without trusting an agency.
import { runAuditor } from './command';

const terminal = {
  out: (text: string) => process.stdout.write(text),
  err: (text: string) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY === true,
};
const machine = {
  now: () => Date.now(),
  stopping: () => {
    const stopping = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
    return stopping.signal;
  },
};
void runAuditor(process.argv.slice(2), terminal, machine).then((code) => {
  // Not process.exit: a piped JSON line must reach its reader first.
  process.exitCode = code;
});
