// A disk of the office is full (F3): that of its log, of its evidence files, of its database. What cannot be written is
// refused with what to do, what can be read is read, and when there is room again everything goes on by itself.
import { join } from 'node:path';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine } from '#contracts/answers';
import { Answered } from '../../apps/region/src/client';
import { act, agreed, claim, ledger, until } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { audit, feedbackDate, logFolders, opened, refusal, world } from '../stories/world';
import type { World } from '../stories/world';
import { lacksMounts, SmallDisk } from './small-disk';

jest.setTimeout(300_000);
const patience = 120;
/** MiB; a new cluster takes some 60 of them. */
const sizes = { log: 4, files: 4, postgres: 192 };
const lacking = lacksMounts();
const disks: Partial<Record<keyof typeof sizes, SmallDisk>> = {};
const disk = (name: keyof typeof sizes): SmallDisk => disks[name] as SmallDisk;
let here: World;
let story: Opened;
let lines: LedgerLine[];

const staff = (n: number): Staff => story.cast.staff.get((lines[n] as LedgerLine).unitId) as Staff;
const issue = (n: number): string => (lines[n] as LedgerLine).issueId;
const report = (text: string): Promise<void> => act(staff(0).owner, issue(0), 'reportProgress', { text });
const readable = async (): Promise<void> => {
  expect(await ledger(story.cast.office)).toHaveLength(lines.length);
  expect((await story.cast.office.get<IssuePage>(paths.issue(issue(0)))).timeline.length).toBeGreaterThan(1);
};
const seenByAll = async (text: string): Promise<void> => {
  await until(
    'the commission has what was reported',
    async () => {
      const { timeline } = await story.cast.commission.get<IssuePage>(paths.issue(issue(0)));
      return JSON.stringify(timeline).includes(text) ? true : undefined;
    },
    patience,
  );
  await agreed(story.cast, patience);
};

(lacking === undefined ? describe : describe.skip)(`a full disk${lacking ? ` [skipped: ${lacking}]` : ''}`, () => {
  beforeAll(async () => {
    here = await world({
      restart: true,
      prepare: (data) => {
        for (const name of ['log', 'files', 'postgres'] as const) {
          disks[name] = SmallDisk.mount(join(data, 'inspection', name), sizes[name]);
        }
      },
      cleared: () => Object.values(disks).forEach((each) => each.end()),
    });
    story = await opened(here);
    lines = await ledger(story.cast.office);
    await claim(staff(0), issue(0));
    await agreed(story.cast, patience);
  });
  afterAll(() => here?.end());

  it('under the log keeps back what is published, and nothing else', async () => {
    disk('log').fill();
    await report('日志磁盘满时报告。');
    await readable();
    const { timeline } = await story.cast.commission.get<IssuePage>(paths.issue(issue(0)));
    expect(JSON.stringify(timeline)).not.toContain('日志磁盘满时报告。');
    disk('log').free();
    await seenByAll('日志磁盘满时报告。');
  });

  it('under the evidence files refuses a file with the reason, and takes it when there is room', async () => {
    const file = { name: '会议记录.txt', bytes: new TextEncoder().encode('会议记录'.repeat(5_000)) };
    const attach = () =>
      staff(0).owner.upload(paths.issueAction(issue(0), 'attachEvidence'), file, {
        dated: feedbackDate,
        explanation: '',
      });
    disk('files').fill();
    const refused = await refusal(attach());
    expect([refused.status, refused.message]).toEqual([503, expect.stringContaining('磁盘空间已满')]);
    await readable();
    disk('files').free();
    await attach();
    await seenByAll('会议记录.txt');
  });

  it('under the database refuses what is to be stored, and stores it when there is room', async () => {
    disk('postgres').fill();
    const refused = await until(
      'there is no room for another report',
      async () => {
        const outcome = await report('数据库磁盘满时报告。').catch((error: unknown) => error);
        return outcome instanceof Answered ? outcome : outcome instanceof Error ? outcome : undefined;
      },
      patience,
    );
    if (refused instanceof Answered) expect(refused.status).toBe(503);
    disk('postgres').free();
    await until(
      'a report is stored again',
      () =>
        report('腾出空间后报告。').then(
          () => true as const,
          () => undefined,
        ),
      patience,
    );
    await readable();
    await seenByAll('腾出空间后报告。');
    const { code, result } = await audit(logFolders(here));
    expect([code, result.ok]).toEqual([0, true]);
  });
});
