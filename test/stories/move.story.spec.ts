// An agency takes its events out of its PostgreSQL into an event store of its own, in the middle of the work: it stops,
// the operator moves them with the command of the guide, it starts, and nobody else notices.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { LedgerLine } from '#contracts/answers';
import { program } from '../../apps/region/src/programs';
import { agreed, claim, ledger, rectify, requestCloseOut, settled, verify } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { memoryKept } from '../node/node-log';
import { ProtocolNode } from '../node/protocol-node';
import { audit, feedbackDate, logFolders, opened, world } from './world';
import type { World } from './world';

jest.setTimeout(120_000);

let here: World;
let node: ProtocolNode;
let story: Opened;

beforeAll(async () => {
  node = await ProtocolNode.start({ kept: memoryKept(() => new Date().toISOString()) });
  here = await world();
  story = await opened(here);
}, 120_000);
afterAll(async () => {
  await here?.end();
  await node?.kill();
});

async function move(): Promise<{ code: number; said: string }> {
  const words = ['inspection', '--from', 'pg', '--to', node.url];
  const env = { ...process.env, SANFANG_DATA: here.data };
  const run = promisify(execFile)(process.execPath, [program('libs/chassis/move-cli'), ...words], { env });
  const { stdout, stderr, code } = await run.then(
    (ended) => ({ ...ended, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
  return { code, said: `${stdout}${stderr}` };
}

describe('an agency that moves its events', () => {
  it('is told to stop its service first', async () => {
    expect(await move()).toMatchObject({ code: 1, said: expect.stringMatching(/stop/i) });
  });

  it('goes on with its log, its read models and its work on the new store', async () => {
    const [first, second] = (await ledger(story.cast.office)) as [LedgerLine, LedgerLine];
    const staffOf = (line: LedgerLine) => story.cast.staff.get(line.unitId) as Staff;
    await claim(staffOf(first), first.issueId);
    await agreed(story.cast);
    const before = await audit(logFolders(here));
    await here.region.stopAgency('inspection');
    expect(await move()).toMatchObject({ code: 0, said: expect.stringContaining('INSPECTION_EVENT_STORE_URL') });
    here.settings['INSPECTION_EVENT_STORE_URL'] = node.url;
    await here.region.launch('inspection');

    await rectify(staffOf(first), first.issueId, first.due, feedbackDate);
    await requestCloseOut(story.cast, first);
    await verify(story.cast, first, 'accept');
    await settled(story.cast, first.issueId, 'closedOut');
    await claim(staffOf(second), second.issueId);
    await agreed(story.cast, 30);
    const after = await audit([...logFolders(here), here.region.urls.inspection]);
    expect(after.result).toMatchObject({ ok: true });
    expect(sizes(after)).toBeGreaterThan(sizes(before));
  });

  it('does not start on the store that it left', async () => {
    await here.region.stopAgency('inspection');
    delete here.settings['INSPECTION_EVENT_STORE_URL'];
    await expect(here.region.launch('inspection')).rejects.toThrow('were moved to an event store of its own');
  });
});

function sizes({ result }: Awaited<ReturnType<typeof audit>>): number {
  return Math.max(...(result.logs ?? []).filter(({ origin }) => origin.includes('inspection')).map(({ size }) => size));
}
