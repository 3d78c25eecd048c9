// `npm run rebuild -- AGENCY VIEW`: asks the running service to build one of its read models anew. Prints rows, digest
// and whether the live rows were what the events say; exit 1 when they were not (the rebuilt ones are live then).
import { agencies } from '#kernel/envelope';
import type { Problem } from '#contracts/answers';
import { readConfig } from './config';
import { operatorHeader } from './rebuild.api';
import type { Rebuilt } from './views/rebuild';

const usage = `usage: npm run rebuild -- AGENCY VIEW   AGENCY: ${agencies.join(', ')}; VIEW for example: ledger`;

async function rebuild([name, view]: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const agency = agencies.find((known) => known === name);
  if (!agency || view === undefined) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  const { host, port, metricsToken } = readConfig(agency, environment);
  const headers = {
    [operatorHeader]: '1',
    ...(metricsToken !== undefined && { authorization: `Bearer ${metricsToken}` }),
  };
  const response = await fetch(`http://${host}:${port}/rebuild/${view}`, { method: 'POST', headers });
  if (!response.ok) {
    const { message } = (await response.json()) as Problem;
    process.stderr.write(`${agency} ${view}: ${message}\n`);
    return 1;
  }
  const rebuilt = (await response.json()) as Rebuilt;
  process.stdout.write(`${JSON.stringify(rebuilt)}\n`);
  return rebuilt.equal === false ? 1 : 0;
}

rebuild(process.argv.slice(2), process.env).then(
  (code) => {
    process.exitCode = code;
  },
  (error: Error) => {
    process.stderr.write(`the service does not answer; start it first (${error.message})\n`);
    process.exitCode = 1;
  },
);
