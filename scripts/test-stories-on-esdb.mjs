// The stories that ask most of an event store once more, with each agency on one that speaks EventStoreDB's protocol:
// the whole loop and what the operator and the outsider see of it; agencies that stop and come back; a stored event
// written over. The others ask nothing of the store that these do not, and would double the time of the gate.
import { ensureInstalled } from './ensure.mjs';
import { close, jest } from './jest.mjs';

const stories = ['closed-loop', 'alone', 'tamper'];

ensureInstalled();
const { build } = await import('./build.mjs');
await build({ web: false });
const args = ['--', ...stories.map((name) => `test/stories/${name}.story.spec.ts`)];
close([jest('stories', { minutes: 6, args, env: { SANFANG_TEST_STORE: 'esdb' } })]);
