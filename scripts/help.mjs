// `npm run help`: one line for each command, from the table below; a command without a line fails the tidy test.
import { readFileSync } from 'node:fs';

export const meanings = {
  start: 'the three agencies on this machine, with a demonstration round on an empty data folder (-- --empty: without)',
  demo: 'one whole closed loop in a folder of its own: -- --feedback FILE --data DIR [--json]',
  outline: 'what a published text holds, as JSON: -- FILE',
  audit: "an outsider's audit: -- verify | replay | why | diff | watch | passport | mirror | evidence …",
  account: 'accounts of an agency: -- AGENCY add --login … --name … --role …',
  rebuild: 'a read model built anew and swapped in: -- AGENCY VIEW',
  fsck: 'all that a stopped agency keeps, checked against what it signed: -- AGENCY [--json] [--no-views]',
  disclose: 'an event of the private journal, or all its anchors, in a file: -- AGENCY EVENT_ID [--field …] --out FILE',
  move: 'stored events moved from PostgreSQL to an EventStoreDB: -- AGENCY --from pg --to esdb://…',
  'rotate-key': 'the next key of a stopped agency’s log or witness: -- AGENCY [--witness] [--overlap DAYS]',
  'key-proof': 'notes by which an agency’s keys prove themselves to its peers: -- AGENCY',
  'revoke-key': 'word that a peer’s key is stolen: -- AGENCY --of PEER --key ID --last-good SIZE [--successor VKEY]',
  recover: 'a lost log fetched from the peers that follow it: -- AGENCY --from URL… [--without AGENCY…]',
  test: 'all tests: unit, int, stories (-- PATH for some)',
  check: 'format, types, lint, tidy',
  fix: 'format and lint what can be mended by itself',
  build: 'libs and apps into dist/, the web console into dist/web',
  bench: 'a figure as JSON: -- start | loop | append | order | read | catchup | ledger | api | detect | … [--json]',
  simulate: 'three agencies out of seeds, with all that may go wrong: -- --seeds N [--from N] [--fault NAME] [--trace]',
  help: 'this list',
};

if (process.argv[1]?.endsWith('help.mjs')) {
  const { scripts } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  for (const name of Object.keys(scripts)) {
    if (meanings[name]) process.stdout.write(`npm run ${name.padEnd(10)} ${meanings[name]}\n`);
  }
}
