// The office keeps its events in an event store apart. Its PostgreSQL and its log are put back from an old copy: it
// refuses to sign, takes back from the others what it had published since, and goes on without a shared event less (F13).
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine } from '#contracts/answers';
import { NotStarted } from '../../apps/region/src/not-started';
import { program } from '../../apps/region/src/programs';
import { agreed, claim, ledger, until } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { memoryKept } from '../node/node-log';
import { ProtocolNode } from '../node/protocol-node';
import { audit, logFolders, opened, world } from '../stories/world';
import type { World } from '../stories/world';

jest.setTimeout(300_000);
const patience = 120;
const store = mkdtempSync(join(tmpdir(), 'sanfang-apart-'));
let node: ProtocolNode;
let here: World;
let story: Opened;
let lines: LedgerLine[];

beforeAll(async () => {
  node = await ProtocolNode.start({ kept: memoryKept(() => new Date().toISOString()) });
  here = await world({ env: { INSPECTION_EVENT_STORE_URL: node.url } });
  story = await opened(here);
  lines = await ledger(story.cast.office);
});
afterAll(async () => {
  await here?.end();
  await node?.kill();
  rmSync(store, { recursive: true, force: true });
});

const office = (): string => here.region.folder('inspection');
const line = (n: number): LedgerLine => lines[n] as LedgerLine;

async function finalAt(n: number): Promise<void> {
  for (const reader of [story.cast.commission, story.cast.organization, story.cast.office]) {
    await until(
      'the claim is final',
      async () => {
        const { timeline } = await reader.get<IssuePage>(paths.issue(line(n).issueId));
        return timeline.length > 1 && timeline.every(({ witness }) => witness === 'final') ? true : undefined;
      },
      patience,
    );
  }
}
async function claimed(n: number): Promise<void> {
  await claim(story.cast.staff.get(line(n).unitId) as Staff, line(n).issueId);
  await finalAt(n);
}

/** `npm run recover -- inspection --from …`, with the settings of the service. */
function recovered(): Promise<{ readonly stdout: string }> {
  const peers = (['commission', 'organization'] as const).map((agency) => ({ agency, url: here.region.feeds[agency] }));
  const env = { ...process.env, ...here.settings, INSPECTION_PEERS: JSON.stringify(peers) };
  const words = [program('apps/inspection/src/main'), 'recover', '--from', here.region.feeds.commission];
  return promisify(execFile)(process.execPath, words, { env });
}

it('refuses the old copy, rebuilds from the others, and nothing that was shared is missing', async () => {
  await claimed(0);
  await here.region.stopAgency('inspection');
  cpSync(office(), join(store, 'old'), { recursive: true, preserveTimestamps: true });
  await here.region.launch('inspection');
  await claimed(1);
  await claimed(2);
  await here.region.stopAgency('inspection');
  renameSync(office(), join(store, 'new'));
  cpSync(join(store, 'old'), office(), { recursive: true, preserveTimestamps: true });
  const refused = await here.region.launch('inspection').then(
    () => undefined,
    (error: Error) => error,
  );
  expect(refused).toBeInstanceOf(NotStarted);
  expect(refused?.message).toMatch(/拒绝签名.*已见证到第\d+条/);
  expect((await recovered()).stdout).toContain('inspection');
  await here.region.launch('inspection');
  for (const n of [0, 1, 2]) await finalAt(n);
  await claimed(3);
  await agreed(story.cast, patience);
  const { code, result } = await audit(logFolders(here));
  expect([code, result.ok]).toEqual([0, true]);
  expect(existsSync(join(here.region.folder('commission'), 'evidence'))).toBe(false);
});
