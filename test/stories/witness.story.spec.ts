// Every shared act is first recorded, then witnessed by one other agency, then final: both others have cosigned the log
// that it stands in. Who is down is waited for, and nothing else waits.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine, Overview } from '#contracts/answers';
import { agencies } from '#kernel/envelope';
import { fromUtf8 } from '#tlog/bytes';
import { parseNote } from '#tlog/note';
import { claim, ledger, rectify, requestCloseOut, settled, until, verify } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { audit, feedbackDate, logFolders, opened, world } from './world';
import type { World } from './world';

let here: World;
let story: Opened;
let lines: LedgerLine[];
const staffOf = (line: LedgerLine): Staff => story.cast.staff.get(line.unitId) as Staff;
const line = (n: number): LedgerLine => lines[n] as LedgerLine;
const page = (issueId: string) => story.cast.office.get<IssuePage>(paths.issue(issueId));
const overview = () => story.cast.office.get<Overview>(paths.overview);
const patience = 60;

beforeAll(async () => {
  here = await world();
  story = await opened(here);
  lines = await ledger(story.cast.office);
});
afterAll(() => here?.end());

describe('three agencies', () => {
  it('make every event final, and say so in the words for it', async () => {
    await claim(staffOf(line(0)), line(0).issueId);
    for (const reader of [story.cast.office, story.cast.commission, story.cast.organization]) {
      const final = await until(
        'every event of the issue is final',
        async () => {
          const answer = await reader.get<IssuePage>(paths.issue(line(0).issueId));
          const claimed = answer.line.status === 'claimed';
          return claimed && answer.timeline.every(({ witness }) => witness === 'final') ? answer : undefined;
        },
        patience,
      );
      expect(final.verification).toMatchObject({ state: 'ok', waiting: 0 });
      expect(final.verification.sentence).toMatch(/^此记录自.+起未被改动，已由三方共同见证。$/);
      expect(final.line.witness).toBe('final');
    }
    const { peers, witnessing } = await overview();
    expect(peers.every(({ cosigned }) => cosigned > 0)).toBe(true);
    expect(witnessing.weak).toBe(false);
  });

  it('publish the cosignatures with the checkpoint, and an auditor counts them', async () => {
    const urls = Object.values(here.region.feeds);
    const { result } = await until(
      'two witnesses confirm each log to its end',
      async () => {
        const audited = await audit(urls);
        const whole = audited.result.logs?.every(
          ({ witnesses, witnessedSize, size }) => witnesses?.length === 2 && witnessedSize === size,
        );
        return audited.code === 0 && whole ? audited : undefined;
      },
      patience,
    );
    expect(result.logs).toHaveLength(3);
    for (const url of urls) {
      const note = parseNote(new Uint8Array(await (await fetch(`${url}/log/checkpoint`)).arrayBuffer()));
      expect(note.signatures.map(({ name }) => name.split('/')[1])).toEqual(['events', 'witness', 'witness']);
    }
  });

  it('answer a checkpoint that is shown to them as C2SP tlog-witness says', async () => {
    const note = readFileSync(join(here.region.folder('inspection'), 'log', 'checkpoint'));
    const [, size] = fromUtf8(note).split('\n');
    const show = (body: string) =>
      fetch(`${here.region.feeds.commission}/witness/add-checkpoint`, { method: 'POST', body });
    const behind = await show(`old 0\n\n${note.toString()}`);
    expect([behind.status, behind.headers.get('content-type'), await behind.text()]).toEqual([
      409,
      'text/x.tlog.size',
      `${size}\n`,
    ]);
    const again = await show(`old ${size}\n\n${note.toString()}`);
    expect([again.status, (await again.text()).startsWith('— commission.')]).toEqual([200, true]);
    expect((await show('nonsense')).status).toBe(400);
    expect((await show(`old 0\n\n${note.toString().replaceAll('inspection.', 'nobody.')}`)).status).toBe(404);
    expect((await show(`old 0\n\n${note.toString().replace(`\n${size}\n`, '\n1\n')}`)).status).toBe(403);
  });
});

describe('while one of them is down', () => {
  it('an event is witnessed by the other one, and a closing is shown apart until it is back', async () => {
    await rectify(staffOf(line(0)), line(0).issueId, line(0).due, feedbackDate);
    await requestCloseOut(story.cast, line(0));
    await here.region.stopAgency('organization');
    await verify(story.cast, line(0), 'accept');
    await settled(story.cast, line(0).issueId, 'closedOut');
    const waiting = await until(
      'the closing is witnessed by one',
      async () => {
        const answer = await page(line(0).issueId);
        const { state, sentence } = answer.verification;
        const byOne = state === 'partial' && /两方共同见证，\d+条等待组织部见证/.test(sentence);
        return byOne && answer.timeline.at(-1)?.witness === 'witnessed' ? answer : undefined;
      },
      patience,
    );
    expect(waiting.line.status).toBe('closedOut');
    const counted = await overview();
    expect(counted).toMatchObject({ closedOut: 1, closedOutPending: 1 });
    expect(counted.figures.find(({ label }) => label === '已销号')).toMatchObject({ value: 0, beside: '待见证 1' });
    await here.region.launch('organization');
    await until(
      'the closing is final',
      async () => ((await overview()).closedOutPending === 0 ? true : undefined),
      patience,
    );
    expect((await page(line(0).issueId)).timeline.at(-1)?.witness).toBe('final');
  });
});

describe('what is left on disk', () => {
  it('holds a key of its own for each role, and a log that confirms itself offline', async () => {
    for (const agency of agencies) {
      const keys = join(here.region.folder(agency), 'keys');
      expect(readFileSync(join(keys, 'witness.seed'), 'utf8')).not.toBe(readFileSync(join(keys, 'log.seed'), 'utf8'));
      expect(existsSync(join(here.region.folder(agency), 'evidence'))).toBe(false);
    }
    const { code, result } = await audit(logFolders(here));
    expect(code).toBe(0);
    for (const log of result.logs ?? []) expect(log.witnesses).toHaveLength(2);
  });
});
