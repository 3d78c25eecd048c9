// An agency shows one history to the commission and another one to the organization department. Both are signed with its
// key, each is whole in itself; only when the two compare what they were shown does it come out. Here the inspection
// office lies by a proxy in front of its feed that holds its key, as its own administrator could.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine } from '#contracts/answers';
import type { Alarm } from '#contracts/witnesses';
import { claim, ledger, until } from '../../apps/region/src/scenario';
import type { Client } from '../../apps/region/src/client';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { program } from '../../apps/region/src/programs';
import { entriesIn, filesOf, lastChanged, seedIn } from '../faults/other-history';
import { firstPort } from './supervised';
import { opened, world } from './world';
import type { World } from './world';

const origin = 'inspection.sanfang.example/events/v1';
/** Found within ten seconds in practice; a busy machine gets more. */
const patience = 60;

let here: World;
let story: Opened;
let liar: Liar;
let line: LedgerLine;

beforeAll(async () => {
  const port = await firstPort();
  liar = await Liar.start(`http://127.0.0.1:${port + 5}`);
  const organizationPeers = [
    { agency: 'commission', url: `http://127.0.0.1:${port + 3}` },
    { agency: 'inspection', url: liar.url },
  ];
  here = await world({ port, env: { ORGANIZATION_PEERS: JSON.stringify(organizationPeers) } });
  story = await opened(here);
  [line] = (await ledger(story.cast.office)) as [LedgerLine];
  await until('both hold the ledger', async () =>
    (await ledger(story.cast.organization)).length === 6 ? true : undefined,
  );
});
afterAll(async () => {
  await here?.end();
  await liar?.stop();
});

const folder = (): string => join(here.region.folder('inspection'), 'log');

/** The same entries, the last one saying something else, signed with the office's own key. */
function otherHistory(entries: readonly Uint8Array[]): ReadonlyMap<string, Uint8Array> {
  return filesOf(lastChanged(entries), origin, seedIn(here.region.folder('inspection'), 'log.seed'));
}

const evidenceOf = (agency: 'commission' | 'organization'): string[] => {
  try {
    const place = join(here.region.folder(agency), 'evidence');
    return readdirSync(place).map((name) => join(place, name));
  } catch {
    return [];
  }
};

describe('an agency that shows two histories', () => {
  it('is found by the two that compare, and its log is followed no further', async () => {
    liar.silent = true;
    const before = entriesIn(folder()).length;
    await claim(story.cast.staff.get(line.unitId) as Staff, line.issueId);
    const entries = await until('the claim is in the true log', async () => {
      const found = entriesIn(folder());
      return found.length > before ? found : undefined;
    });
    await until('the commission holds the true log', async () => {
      const { timeline } = await story.cast.commission.get<IssuePage>(paths.issue(line.issueId));
      return timeline.length > 1 ? true : undefined;
    });
    liar.files = otherHistory(entries);
    const found = performance.now();
    for (const reader of [story.cast.commission, story.cast.organization]) await alarmed(reader);
    const seconds = (performance.now() - found) / 1000;
    process.stdout.write(`both alarms within ${seconds.toFixed(1)} s\n`);
    for (const agency of ['commission', 'organization'] as const) {
      const figures = await (await fetch(`${here.region.urls[agency]}/metrics`)).text();
      expect(figures).toMatch(new RegExp(`sanfang_forks_total\\{origin="${origin}"\\} [1-9]`));
      expect(figures).toMatch(new RegExp(`sanfang_peer_following\\{origin="${origin}"\\} -1`));
    }
    const page = await story.cast.organization.get<IssuePage>(paths.issue(line.issueId));
    expect(page.verification).toMatchObject({ state: 'failed' });
    expect(page.verification.sentence).toContain('发现不一致：巡视办');
  });

  it('leaves a file that proves it to anybody who knows its key', async () => {
    const vkey = readFileSync(join(folder(), 'vkey'), 'utf8').trim();
    for (const agency of ['commission', 'organization'] as const) {
      const [file] = evidenceOf(agency);
      const run = promisify(execFile);
      const words = [program('apps/auditor/src/main'), 'evidence', file as string, '--vkey', vkey];
      const { stdout } = await run(process.execPath, words);
      expect(stdout).toContain(`证据成立:日志 ${origin}`);
    }
  });

  it('does not keep the other two from working', async () => {
    expect(await ledger(story.cast.commission)).toHaveLength(6);
    const alarms = await story.cast.commission.get<Alarm[]>(paths.alarms);
    expect(alarms.map(({ agency }) => agency)).toEqual(['inspection']);
  });
});

async function alarmed(reader: Client): Promise<void> {
  const alarm = await until(
    'the alarm is on the page',
    async () => (await reader.get<Alarm[]>(paths.alarms)).find(({ agency }) => agency === 'inspection'),
    patience,
  );
  expect(alarm.sentence).toContain('请勿改动');
}

/** In front of the office's service: passes everything on, until it is silent, or has files of its own to show. */
class Liar {
  silent = false;
  files: ReadonlyMap<string, Uint8Array> | undefined;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(target: string): Promise<Liar> {
    const server = createServer((request, response) => {
      const path = request.url ?? '';
      const file = liar.files?.get(path.replace(/^\/log\//, ''));
      if (liar.files && path.startsWith('/log/') && path !== '/log/wake') {
        response.writeHead(file ? 200 : 404).end(file);
        return;
      }
      // Hints would tell of the true log; the follower asks by itself as well.
      if (path === '/log/wake' || (liar.silent && !liar.files)) {
        response.writeHead(503).end();
        return;
      }
      fetch(`${target}${path}`).then(
        async (answer) => response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer())),
        () => response.writeHead(502).end(),
      );
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return new Liar(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  stop(): Promise<void> {
    return new Promise((closed) => {
      this.server.closeAllConnections();
      this.server.close(() => closed());
    });
  }
}
