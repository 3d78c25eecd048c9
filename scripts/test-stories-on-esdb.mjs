// The stories once more, with each agency on an event store that speaks EventStoreDB's protocol. Left out are those in
// which the store is another one anyway (crash, start, demo, move), the browser, the long one about brokers, and the
// restored backup: a history outside PostgreSQL is in no backup of it.
import { ensureInstalled } from './ensure.mjs';
import { close, jest } from './jest.mjs';

const stories = [
  ...['closed-loop', 'alone', 'tamper', 'hostile-input', 'rights', 'rights-sessions'],
  ...['witness', 'split-view', 'kafka'],
];

ensureInstalled();
const { build } = await import('./build.mjs');
await build({ web: false });
const args = ['--', ...stories.map((name) => `test/stories/${name}.story.spec.ts`)];
close([jest('stories', { minutes: 11, args, env: { SANFANG_TEST_STORE: 'esdb' } })]);
