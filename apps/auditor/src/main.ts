// `npm run audit`: anybody with read access runs it, on any machine, without a database and without trusting an agency.
import { runAuditor } from './command';

void runAuditor(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY === true,
}).then((code) => {
  // Not process.exit: a piped JSON line must reach its reader first.
  process.exitCode = code;
});
