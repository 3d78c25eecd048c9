// The profile gm over real agencies: they agree, strangers who know nothing of SM2 accept the same logs, the auditor names
// the second line, and an agency that announced it cannot drop it. One of another profile goes along with the others.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerLine } from '#contracts/answers';
import type { Agency } from '#kernel/envelope';
import {
  agreed,
  claim,
  ledger,
  rectify,
  requestCloseOut,
  settled,
  until,
  verify,
} from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { ask, foreignProgram, itWithGo } from '../foreign/program';
import { asAdministrator, audit, feedbackDate, logFolders, opened, world } from './world';
import type { World } from './world';

const foreign = foreignProgram();
const secondLine = (origin: string) => new RegExp(`^— ${origin} \\S+$`, 'gm');
let here: World;
let story: Opened;
let line: LedgerLine;

beforeAll(async () => {
  here = await world({ env: { SANFANG_PROFILE: 'gm', ANCHOR_EVERY: '1' } });
  story = await opened(here);
  [line] = (await ledger(story.cast.office)) as [LedgerLine];
});
afterAll(() => here?.end());

async function restart(agency: Agency, profile: 'intl' | 'gm'): Promise<void> {
  here.settings['SANFANG_PROFILE'] = profile;
  await here.region.stopAgency(agency);
  await here.region.launch(agency);
}

/** Name of the newest file of the first, not yet full, bundle of the inspection office. */
function lastBundle(): string {
  const names = readdirSync(join(here.region.folder('inspection'), 'log/tile/entries/000.p'));
  return names.sort((a, b) => Number(b) - Number(a))[0]!;
}

/** What the inspection office holds of the commission's log. */
function held(): Promise<{ size: number; refused: string[] }> {
  return asAdministrator(here, 'inspection', async (postgres) => {
    const size = await postgres.query(`select count(*)::int as n from inbox.entry where origin like 'commission%'`);
    const refused = await postgres.query(`select message from inbox.evidence where origin like 'commission%'`);
    return { size: size.rows[0].n, refused: refused.rows.map((row: { message: string }) => row.message) };
  });
}

describe('agencies in the profile gm', () => {
  it('close the loop and agree', async () => {
    const staff = story.cast.staff.get(line.unitId) as Staff;
    await claim(staff, line.issueId);
    await rectify(staff, line.issueId, line.due, feedbackDate);
    await requestCloseOut(story.cast, line);
    await verify(story.cast, line, 'accept');
    await settled(story.cast, line.issueId, 'closedOut');
    await agreed(story.cast);
    expect((await held()).refused).toEqual([]);
  });

  it('are whole before the auditor, who names the second line', async () => {
    const { code, result } = await audit(logFolders(here));
    expect(code).toBe(0);
    const vkeys = ['commission', 'organization', 'inspection'].map((agency) =>
      readFileSync(join(here.data, 'trust', `${agency}.sm2.vkey`), 'utf8').trim(),
    );
    expect(result.logs!.map(({ second }) => second)).toEqual(vkeys);
  });

  it('carry an SM3 digest in each entry', () => {
    const entries = readFileSync(join(here.region.folder('inspection'), 'log/tile/entries/000.p', lastBundle()));
    const count = (of: RegExp) => entries.toString('latin1').match(of)?.length;
    expect(count(/,"sm3":"[0-9a-f]{64}",/g)).toBe(count(/,"v":1\}/g));
  });

  it('are not whole when the second line was changed or left out', async () => {
    const log = join(here.data, 'copy');
    const path = join(log, 'checkpoint');
    // Before the rest: the log grows while it is copied.
    const note = readFileSync(join(here.region.folder('inspection'), 'log/checkpoint'), 'utf8');
    cpSync(join(here.region.folder('inspection'), 'log'), log, { recursive: true });
    const lines = note.match(secondLine('inspection.sanfang.example/events/v1'))!;
    expect(lines).toHaveLength(2);
    writeFileSync(path, note.replace(`${lines[1]!}\n`, ''));
    expect(await audit([log])).toMatchObject({ code: 1, result: { what: expect.stringContaining('SM2-SM3') } });
    const at = lines[1]!.length - 20;
    const changed = lines[1]!.slice(0, at) + (lines[1]![at] === 'A' ? 'B' : 'A') + lines[1]!.slice(at + 1);
    writeFileSync(path, note.replace(lines[1]!, changed));
    expect(await audit([log])).toMatchObject({ code: 1, result: { ok: false } });
    writeFileSync(path, note);
    expect((await audit([log])).code).toBe(0);
  });

  itWithGo('are accepted by Go’s own packages, which know no SM2', foreign, async () => {
    for (const folder of logFolders(here)) {
      const vkey = readFileSync(join(folder, 'vkey'), 'utf8').trim();
      expect(await ask(foreign, '-log', vkey, folder)).toMatchObject({ code: 0, err: '' });
    }
  });
});

describe('an agency that leaves the profile', () => {
  it('is not followed any more by those who know that it signed by SM2', async () => {
    await restart('commission', 'intl');
    await until(
      'a checkpoint without the line is refused',
      async () => ((await held()).refused.some((message) => message.includes('no line of')) ? true : undefined),
      60,
    );
  });

  it('goes along with the others once people have taken its SM2 key away', async () => {
    const { size } = await held();
    rmSync(join(here.data, 'trust', 'commission.sm2.vkey'));
    await restart('inspection', 'gm');
    await until('its new entries are there', async () => ((await held()).size > size ? true : undefined), 60);
    // Made anew from its events, the entries of both profiles are what the log holds.
    const stale = await audit([here.region.urls.commission]);
    expect(stale.result.what).toMatch('SM2-SM3');
    rmSync(join(here.region.folder('commission'), 'log/sm2-vkey'));
    const { result } = await audit([here.region.urls.commission]);
    expect(result.what).toBeUndefined();
    expect(result).toMatchObject({ ok: true, logs: [{ selfCheck: 'ok' }] });
  });
});
