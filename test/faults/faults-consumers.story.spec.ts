// One who reads the others' logs stands still, is slow, or meets what it does not know (F9). Whoever writes is not held up,
// how far behind it is can be seen, and of what it does not know only that stream waits.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalBytes } from '#kernel/canonical-json';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine, Overview } from '#contracts/answers';
import { sampleLog } from '#testing/sample-log';
import { bundleEntries } from '#tlog/bundle';
import { bundlePath } from '#tlog/tile';
import type { Client } from '../../apps/region/src/client';
import { act, agreed, claim, ledger, until } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { asAdministrator, opened } from '../stories/world';
import { linked } from './link';
import type { Linked } from './link';

jest.setTimeout(300_000);
const patience = 120;
const origin = 'inspection.sanfang.example/events/v1';
let here: Linked;
let story: Opened;
let lines: LedgerLine[];

beforeAll(async () => {
  here = await linked();
  story = await opened(here);
  lines = await ledger(story.cast.office);
  for (const n of [0, 1]) await claim(staff(n), issue(n));
  await agreed(story.cast, patience);
});
afterAll(async () => {
  for (const link of here?.links ?? []) link.files = undefined;
  await here?.end();
});

const issue = (n: number): string => (lines[n] as LedgerLine).issueId;
const staff = (n: number): Staff => story.cast.staff.get((lines[n] as LedgerLine).unitId) as Staff;
const report = (n: number, text: string): Promise<void> => act(staff(n).owner, issue(n), 'reportProgress', { text });
const told = async (reader: Client, n: number): Promise<string> =>
  JSON.stringify((await reader.get<IssuePage>(paths.issue(issue(n)))).timeline);
const has = (what: string, reader: Client, n: number, text: string): Promise<true> =>
  until(what, async () => ((await told(reader, n)).includes(text) ? true : undefined), patience);

it('a service that stands still holds nobody up, and comes after', async () => {
  const { office, commission, organization } = story.cast;
  const pid = here.region.pid('organization') as number;
  process.kill(pid, 'SIGSTOP');
  try {
    for (let n = 0; n < 5; n++) await report(0, `停顿期间第${n + 1}次报告。`);
    await has('the commission has them all', commission, 0, '停顿期间第5次报告。');
    await until(
      'it can be seen who does not answer',
      async () => {
        const { peers } = await office.get<Overview>(paths.overview);
        return peers.find(({ agency }) => agency === 'organization')?.state === 'unreachable' ? true : undefined;
      },
      patience,
    );
    const { timeline } = await office.get<IssuePage>(paths.issue(issue(0)));
    expect(timeline.every(({ witness }) => witness === 'final')).toBe(false);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await has('it comes after', organization, 0, '停顿期间第5次报告。');
  await agreed(story.cast, patience);
});

it('a slow reader falls behind, and nobody else does', async () => {
  const { commission, organization } = story.cast;
  here.link('organization', 'inspection').delay = 1_000;
  here.link('organization', 'inspection').set('open');
  for (let n = 0; n < 10; n++) await report(0, `慢速期间第${n + 1}次报告。`);
  await has('the commission has them all', commission, 0, '慢速期间第10次报告。');
  await has('the slow one gets them as well', organization, 0, '慢速期间第10次报告。');
  here.link('organization', 'inspection').delay = 0;
  await agreed(story.cast, patience);
});

it('an event of a kind that it does not know parks that stream alone', async () => {
  const { commission } = story.cast;
  for (const n of [0, 1]) await report(n, '毒丸之前。');
  await has('both have arrived', commission, 1, '毒丸之前。');
  await agreed(story.cast, patience);
  await here.region.stopAgency('inspection');
  const [, size = '0'] = readFileSync(join(here.region.folder('inspection'), 'log/checkpoint'), 'utf8').split('\n');
  const bundle = readFileSync(join(here.region.folder('inspection'), 'log', bundlePath(0n, Number(size))));
  const entries = [...bundleEntries(bundle)];
  const parsed = entries.map((bytes) => JSON.parse(Buffer.from(bytes).toString('utf8')) as Entry);
  const reportOn = (n: number): Entry =>
    parsed.findLast(({ type, stream }) => type.endsWith('progress-reported.v1') && stream.endsWith(issue(n))) as Entry;
  const next = (n: number, nth: number, more: Partial<Entry>): Uint8Array => {
    const last = reportOn(n);
    const id = `0190a000-0000-7000-8000-${String(nth).padStart(12, '0')}`;
    return canonicalBytes({ ...last, id, revision: last.revision + nth, ...more });
  };
  const after = (n: number) => ({ data: { ...reportOn(n).data, text: '毒丸之后。' } });
  const grown = [next(0, 1, { type: 'inspection.issue-foreseen.v1' }), next(0, 2, after(0)), next(1, 3, after(1))];
  const key = readFileSync(join(here.region.folder('inspection'), 'keys/log.seed'), 'utf8');
  const seed = new Uint8Array(Buffer.from(key, 'base64'));
  here.link('commission', 'inspection').files = sampleLog([...entries, ...grown], { origin, seed }).files;
  await has('another stream goes on', commission, 1, '毒丸之后。');
  expect(await told(commission, 0)).not.toContain('毒丸之后。');
  const { rows } = await asAdministrator(here, 'commission', (sql) =>
    sql.query<{ stream: string }>('select distinct stream from views.parked'),
  );
  expect(rows.map(({ stream }) => stream)).toEqual([reportOn(0).stream]);
  expect(await ledger(commission)).toHaveLength(lines.length);
});

type Entry = {
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly data: Record<string, string>;
};
