// `npm test [-- jest arguments]`: all three kinds of test. Installs and builds first, then runs what is cheap before what
// is dear. The closing line counts tests over all of them.
import { ensureHooks, ensureInstalled } from './ensure.mjs';
import { close, jest } from './jest.mjs';

/** Several times what each takes on two cores; a run that hangs must not take the whole hour of the gate. */
const minutes = { unit: 6, int: 20, stories: 35 };

ensureInstalled();
ensureHooks();
const { build } = await import('./build.mjs');
await build();
const args = process.argv.slice(2);
close(Object.keys(minutes).map((kind) => jest(kind, { minutes: minutes[kind], args })));
