// The network between the agencies fails in every way (F5, F6): it is cut on both sides or on one, it flaps, and somebody
// in the middle drops, cuts off, changes, exchanges and forges what is read. Work goes on, nothing wrong is taken over,
// and once the network is whole again so is everything else.
import { setTimeout as pause } from 'node:timers/promises';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine, Overview } from '#contracts/answers';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { signCheckpoint } from '#tlog/checkpoint';
import { LOG_KEY_TYPE, signingKey } from '#tlog/key';
import type { Client } from '../../apps/region/src/client';
import { act, agreed, claim, ledger, until } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { asAdministrator, audit, logFolders, opened } from '../stories/world';
import { randomOf } from '../stories/victims';
import { linked } from './link';
import type { Linked, Mangle } from './link';

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
  await agreed(story.cast, patience);
});
afterAll(() => here?.end());

const line = (n: number): LedgerLine => lines[n] as LedgerLine;
const staff = (n: number): Staff => story.cast.staff.get(line(n).unitId) as Staff;
const readerOf = (agency: Agency): Client =>
  agency === 'inspection'
    ? story.cast.office
    : agency === 'commission'
      ? story.cast.commission
      : story.cast.organization;

const page = (agency: Agency, n: number): Promise<IssuePage> => readerOf(agency).get(paths.issue(line(n).issueId));

function stands(what: string, agency: Agency, n: number, check: (found: IssuePage) => boolean): Promise<unknown> {
  return until(what, async () => (check(await page(agency, n)) ? true : undefined), patience);
}

const isFinal = ({ timeline }: IssuePage): boolean =>
  timeline.length > 1 && timeline.every(({ witness }) => witness === 'final');
const knows = ({ timeline }: IssuePage): boolean => timeline.length > 1;

/** The console of `reader` says that it cannot read `owner`. */
function unreachable(reader: Agency, owner: Agency): Promise<unknown> {
  return until(
    `${reader} says that ${owner} cannot be reached`,
    async () => {
      const { peers } = await readerOf(reader).get<Overview>(paths.overview);
      return peers.find(({ agency }) => agency === owner)?.state === 'unreachable' ? true : undefined;
    },
    patience,
  );
}

describe('a network that is cut', () => {
  it.each(['cut', 'silent'] as const)('on both sides of the office (%s) lets its people work on', async (state) => {
    const n = state === 'cut' ? 0 : 1;
    for (const link of here.around('inspection')) link.set(state);
    await claim(staff(n), line(n).issueId);
    for (const other of ['commission', 'organization'] as const) {
      await unreachable('inspection', other);
      await unreachable(other, 'inspection');
      expect(knows(await page(other, n))).toBe(false);
      expect(await ledger(readerOf(other))).toHaveLength(lines.length);
    }
    expect(isFinal(await page('inspection', n))).toBe(false);
    for (const link of here.around('inspection')) link.set('open');
    for (const agency of agencies) await stands('the claim is final', agency, n, isFinal);
    await agreed(story.cast, patience);
  });

  it('in one direction only keeps back the one cosignature that is missing', async () => {
    here.link('commission', 'inspection').set('cut');
    await claim(staff(2), line(2).issueId);
    await stands('the organization department has the claim', 'organization', 2, knows);
    await stands('one witness has cosigned it', 'inspection', 2, ({ timeline }) =>
      timeline.every(({ witness }) => witness === 'final' || witness === 'witnessed'),
    );
    await unreachable('commission', 'inspection');
    expect(isFinal(await page('inspection', 2))).toBe(false);
    expect(knows(await page('commission', 2))).toBe(false);
    here.link('commission', 'inspection').set('open');
    for (const agency of agencies) await stands('the claim is final', agency, 2, isFinal);
  });

  it('that flaps every second ends in one history, and an outsider finds it whole', async () => {
    let cut = false;
    const flapping = setInterval(() => {
      cut = !cut;
      for (const link of here.links) link.set(cut ? 'cut' : 'open');
    }, 1_000);
    await claim(staff(3), line(3).issueId);
    for (let n = 0; n < 10; n++) {
      await act(staff(3).owner, line(3).issueId, 'reportProgress', { text: `已核对第${n + 1}批材料。` });
      await pause(700);
    }
    clearInterval(flapping);
    for (const link of here.links) link.set('open');
    for (const agency of agencies) await stands('the last report is final', agency, 3, isFinal);
    await agreed(story.cast, patience);
    const { code, result } = await audit(logFolders(here));
    expect([code, result.ok]).toEqual([0, true]);
  });
});

describe('somebody in the middle', () => {
  it('who drops, cuts, changes, exchanges and forges gets nothing in, and all of it is kept', async () => {
    here.link('commission', 'inspection').mangle = middleman();
    await claim(staff(4), line(4).issueId);
    for (let n = 0; n < 12; n++) {
      await act(staff(4).owner, line(4).issueId, 'reportProgress', { text: `已整改第${n + 1}项。` });
      await pause(300);
    }
    const refused = await until(
      'what was forged is kept as evidence',
      async () => {
        const found = await asAdministrator(here, 'commission', (sql) =>
          sql.query<{ kind: string; message: string }>('select kind, message from inbox.evidence where origin = $1', [
            origin,
          ]),
        );
        return found.rows.length >= 5 ? found.rows : undefined;
      },
      patience,
    );
    expect(refused.map(({ kind }) => kind).filter((kind) => kind !== 'refused')).toEqual([]);
    here.link('commission', 'inspection').mangle = undefined;
    for (const agency of agencies) await stands('the last report is final', agency, 4, isFinal);
    await agreed(story.cast, patience);
    // The organization department read the same log without anybody in the middle.
    const kept = await Promise.all((['commission', 'organization'] as const).map(inboxOf));
    expect(kept[0]).toEqual(kept[1]);
    expect(kept[0]).toEqual(await ownLog());
  });
});

type Row = { readonly index: string; readonly text: string };
const inboxOf = (agency: Agency): Promise<Row[]> =>
  asAdministrator(here, agency, async (sql) => {
    const text = "select index, encode(bytes, 'hex') as text from inbox.entry where origin = $1 order by index";
    return (await sql.query<Row>(text, [origin])).rows;
  });
const ownLog = (): Promise<Row[]> =>
  asAdministrator(here, 'inspection', async (sql) => {
    return (await sql.query<Row>("select index, encode(bytes, 'hex') as text from log.entry order by index")).rows;
  });

/** Half of all answers are not handed on as they are; the choice is the same in every run. */
function middleman(): Mangle {
  const random = randomOf(20_261_201);
  const seen: Buffer[] = [];
  const key = signingKey(origin, LOG_KEY_TYPE, new Uint8Array(32).fill(66));
  return (path, answer) => {
    const earlier = seen[random.below(Math.max(seen.length, 1))];
    seen.push(answer);
    if (answer.length === 0) return answer;
    const changed = Buffer.from(answer);
    const at = random.below(answer.length);
    switch (random.below(12)) {
      case 0:
        return undefined;
      case 1:
        return answer.subarray(0, at);
      case 2:
        changed.writeUInt8(changed.readUInt8(at) ^ (1 << random.below(8)), at);
        return changed;
      case 3:
        return Buffer.concat([answer, answer]);
      case 4:
        return earlier ?? answer;
      case 5:
        if (!path.endsWith('/checkpoint')) return answer;
        return Buffer.from(signCheckpoint({ origin, size: BigInt(9_000 + at), root: new Uint8Array(32) }, key));
      default:
        return answer;
    }
  };
}
