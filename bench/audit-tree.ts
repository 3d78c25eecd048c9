// A contender of `audit`: our reader, told that the entries are none of ours, so that it checks the tree and nothing else.
import { judges } from '../apps/auditor/src/judges';
import { folderPlace } from '../apps/auditor/src/sources';
import { verifyLog } from '#tlog/log-reader';

export type TreeReport = { readonly entries: number };

const [vkey = '', folder = ''] = process.argv.slice(2);
verifyLog(folderPlace(folder), { vkey, opaque: true, judge: judges.judge }).then(
  ({ entries }) => process.stdout.write(JSON.stringify({ entries: Number(entries) } satisfies TreeReport)),
  (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  },
);
