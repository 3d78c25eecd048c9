// The office's database and log folder are put back from an old copy, keys and all, as an operator in need might do. Its
// own files fit together; only the witnesses know that it has signed more. It must not sign a second history.
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine } from '#contracts/answers';
import { NotStarted } from '../../apps/region/src/not-started';
import { agreed, claim, ledger, until } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { audit, logFolders, opened, world } from './world';
import type { World } from './world';

let here: World;
let story: Opened;
let lines: LedgerLine[];
let store: string;
const patience = 60;

beforeAll(async () => {
  store = mkdtempSync(join(tmpdir(), 'sanfang-backup-'));
  here = await world();
  story = await opened(here);
  lines = await ledger(story.cast.office);
});
afterAll(async () => {
  await here?.end();
  rmSync(store, { recursive: true, force: true });
});

const office = (): string => here.region.folder('inspection');
const claimed = async (line: LedgerLine): Promise<void> => {
  await claim(story.cast.staff.get(line.unitId) as Staff, line.issueId);
  await until(
    'the claim is final',
    async () => {
      const { timeline } = await story.cast.commission.get<IssuePage>(paths.issue(line.issueId));
      return timeline.length > 1 && timeline.every(({ witness }) => witness === 'final') ? true : undefined;
    },
    patience,
  );
};

describe('a backup of the office', () => {
  it('that is older than what others have cosigned is refused with the reason, and nothing is signed', async () => {
    await claimed(lines[0] as LedgerLine);
    await here.region.stopAgency('inspection');
    cpSync(office(), join(store, 'old'), { recursive: true });
    await here.region.launch('inspection');
    await claimed(lines[1] as LedgerLine);
    await here.region.stopAgency('inspection');
    renameSync(office(), join(store, 'new'));
    cpSync(join(store, 'old'), office(), { recursive: true });
    const refused = await here.region.launch('inspection').then(
      () => undefined,
      (error: Error) => error,
    );
    expect(refused).toBeInstanceOf(NotStarted);
    expect(refused?.message).toMatch(/拒绝签名.*已见证到第\d+条，本机数据库只到第\d+条，疑为恢复了旧备份/);
    expect(refused?.message).toContain('请停用此备份');
  });

  it('gives way to the newest copy, and the log goes on as one history', async () => {
    rmSync(office(), { recursive: true });
    renameSync(join(store, 'new'), office());
    await here.region.launch('inspection');
    await claimed(lines[2] as LedgerLine);
    await agreed(story.cast, patience);
    const { code, result } = await audit(logFolders(here));
    expect([code, result.ok]).toEqual([0, true]);
    expect(existsSync(join(here.region.folder('commission'), 'evidence'))).toBe(false);
  });

  it('is refused later as well, when the witnesses could not be asked at the start', async () => {
    await here.region.stopAgency('inspection');
    renameSync(office(), join(store, 'newest'));
    cpSync(join(store, 'old'), office(), { recursive: true });
    await Promise.all([here.region.stopAgency('commission'), here.region.stopAgency('organization')]);
    await here.region.launch('inspection');
    await here.region.launch('commission');
    await until(
      'the office ends by itself',
      async () => (here.region.pid('inspection') === undefined ? true : undefined),
      patience,
    );
    const again = await here.region.launch('inspection').then(
      () => undefined,
      (error: Error) => error,
    );
    expect(again?.message).toContain('拒绝签名');
  });
});
