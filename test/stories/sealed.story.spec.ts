// Clues between real agencies: who hands over and who receives reads them, and nobody else can learn a word, wherever he
// looks. Every word of a clue carries a canary, so that one search shows whether any of it got out.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { paths } from '#contracts/api';
import type { Clue, ClueList, ClueLists, OpenedClues } from '#contracts/clues';
import type { Role } from '#contracts/roles';
import { roles } from '#contracts/roles';
import type { SealedList } from '#contracts/sealed';
import { Client } from '../../apps/region/src/client';
import { admit, randomPassword } from '../../apps/region/src/people';
import type { Person } from '../../apps/region/src/people';
import { program } from '../../apps/region/src/programs';
import { until } from '../../apps/region/src/scenario';
import { filled, routes } from './routes';
import { entered, visit } from './visitor';
import { asAdministrator, audit, logFolders, refusal, world } from './world';
import type { World } from './world';

jest.setTimeout(300_000);

const single = '金丝雀单';
const dual = '金丝雀双';
const patience = 90;
const said: string[] = [];
let here: World;
let roundId: string;
let listId: string;
const people = new Map<string, Person>();
const clients = new Map<string, Client>();
const client = (login: string): Client => clients.get(login) as Client;

async function admitted(
  login: string,
  role: Role,
  name: string = roles[role].label,
  more: Partial<Person> = {},
): Promise<void> {
  const person: Person = { login, name, role, agency: roles[role].agency, password: randomPassword(), ...more };
  await admit(here.region, [person]);
  people.set(login, person);
  clients.set(login, await Client.signedIn(here.region.urls[person.agency], login, person.password));
}

beforeAll(async () => {
  here = await world({ onLine: (_agency, line) => void said.push(line) });
  await admitted('desk', 'inspectionOffice');
  // Whoever deals with clues is not to be named either.
  await admitted('clue-desk', 'inspectionOffice', `${single}移交人`);
  await admitted('dual-desk', 'inspectionOffice', `${dual}移交人`);
  await admitted('case-office', 'caseOffice', `${single}签收人`);
  await admitted('second-officer', 'caseOffice', `${single}复核人`);
  await admitted('second-clerk', 'inspectionOffice', `${single}移交复核人`);
  await admitted('supervision', 'supervisionOffice');
  await admitted('cadres', 'orgDeptSupervision', `${dual}签收人`);
  const round = { name: '示范轮次', term: '第十四届', year: 2026, tier: 'county', ruleSetId: 'three-months' };
  roundId = (await client('desk').send(paths.rounds, round)).id;
  const unitName = '示范县水利局党组';
  const unitId = (await client('desk').send(paths.organisations(roundId), { unitName })).id;
  await admitted('stationed', 'stationedGroup', '派驻组经办人', { units: [unitId] });
  await admitted('liaison', 'orgLiaison', '联络员', { unitId, unitName });
});
afterAll(() => here?.end());

function listOf(mark: string, kind: 'single' | 'dual', count = 2) {
  const clue = { unitName: `${mark}单位`, source: `${mark}来源`, person: `${mark}某`, post: `${mark}职务` };
  return { kind, roundId, clues: Array.from({ length: count }, (_, n) => ({ ...clue, contents: `${mark}内容${n}` })) };
}

/** Hands over as soon as the receivers' keys are known here. */
function handedOver(mark: string, kind: 'single' | 'dual'): Promise<string> {
  return until(
    'the receivers have announced their keys',
    async () => {
      const sent = await client(mark === dual ? 'dual-desk' : 'clue-desk')
        .send(paths.clueLists, listOf(mark, kind))
        .catch((error: { problem?: { code: string; message: string } }) => {
          if (error.problem?.code !== 'sealing.noKey') throw error;
          expect(error.problem.message).toContain('还没有公布密封公钥');
          return undefined;
        });
      return sent?.id;
    },
    patience,
  );
}

const arrived = (login: string, id: string, ready: (list: ClueList) => boolean = () => true): Promise<ClueList> =>
  until(
    `${login} sees the list`,
    async () => {
      const list = await client(login)
        .get<ClueList>(paths.clueList(id))
        .catch(() => undefined);
      return list && ready(list) ? list : undefined;
    },
    patience,
  );

/** After a restart of the commission. */
async function signedInAgain(): Promise<void> {
  for (const login of ['case-office', 'second-officer']) {
    const { password } = people.get(login) as Person;
    clients.set(login, await Client.signedIn(here.region.urls.commission, login, password));
  }
}

/** The words of a list, opened for a reason. */
async function opened(login: string, id: string): Promise<readonly Clue[]> {
  const path = paths.clueAction(id, 'openBody');
  const answer: unknown = await client(login).send(path, { reason: '办理需要' });
  return (answer as OpenedClues).clues;
}

/** Tables of an agency in which a text stands, in whatever column. */
function tablesWith(agency: Agency, text: string): Promise<string[]> {
  return asAdministrator(here, agency, async (postgres) => {
    const { rows } = await postgres.query<{ place: string; name: string }>(
      `select format('%I.%I', table_schema, table_name) as place, format('%I', column_name) as name
       from information_schema.columns
       where table_schema not in ('pg_catalog', 'information_schema')`,
    );
    const found: string[] = [];
    for (const { place, name } of rows) {
      // As bytes as well: what is stored as bytea shows its text only so.
      const { rowCount } = await postgres.query(
        `select 1 from ${place}
         where position($1::text in ${name}::text) > 0
            or position(encode(convert_to($1, 'UTF8'), 'hex') in ${name}::text) > 0 limit 1`,
        [text],
      );
      if (rowCount !== 0) found.push(`${place}.${name}`);
    }
    return found;
  });
}

/** Files below a folder that hold a text, the database's own among them. */
function filesWith(folder: string, text: string): string[] {
  const needle = Buffer.from(text);
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
    .filter((path) => readFileSync(path).includes(needle));
}

describe('a list handed over to the commission alone', () => {
  it('arrives there as it was sent, and is signed for by a person who counted, once', async () => {
    listId = await handedOver(single, 'single');
    const list = await arrived('case-office', listId);
    expect(list).toMatchObject({ kind: 'single', count: 2, body: '密封', receipts: [] });
    expect(await opened('case-office', listId)).toMatchObject([{ contents: `${single}内容0` }, {}]);
    const sign = (count: number) => client('case-office').send(paths.signClueReceipt(listId), { count });
    expect((await refusal(sign(3))).problem.code).toBe('clueReceipt.countDiffers');
    await sign(2);
    expect((await refusal(sign(2))).problem.code).toBe('clueReceipt.signed');
  });

  it('is known as received where it came from, with who signed', async () => {
    const list = await arrived('clue-desk', listId, ({ receipts }) => receipts.length > 0);
    expect(list.receipts).toMatchObject([{ agency: 'commission', receivedBy: { name: `${single}签收人` } }]);
  });

  it('shows nothing to roles that do not deal with clues: no page, count, search, export, error', async () => {
    for (const login of ['supervision', 'stationed', 'liaison', 'cadres']) {
      const who = people.get(login) as Person;
      const visitor = await entered(here.region.urls[who.agency], who);
      for (const [pattern, route] of Object.entries(routes)) {
        if (/live|metrics|^DELETE/.test(pattern)) continue;
        const [method, path] = pattern.split(' ') as [string, string];
        const { body } = route;
        const ids = { handOverId: listId, roundId, issueId: listId, view: 'clueLists' };
        const reply = await visit(visitor, method, filled(path, ids), { ...(body && { body }) });
        expect([pattern, login, (reply.text + reply.headers).includes(single)]).toEqual([pattern, login, false]);
      }
      const search = `${paths.ledger}?search=${encodeURIComponent(single)}`;
      expect((await visit(visitor, 'GET', search)).text).not.toContain(listId);
    }
    expect((await client('cadres').get<ClueLists>(paths.clueLists)).lists).toEqual([]);
    expect((await refusal(client('cadres').get(paths.clueList(listId)))).problem.code).toBe('record.none');
    expect((await refusal(client('supervision').get(paths.clueLists))).problem.code).toBe('rights.role');
  });

  it('refuses what is wrong with it without repeating it', async () => {
    const { problem } = await refusal(
      client('clue-desk').send(paths.clueLists, { ...listOf(single, 'single'), more: single }),
    );
    expect(JSON.stringify(problem)).not.toContain(single);
    const long = listOf(single.repeat(400), 'single', 20);
    expect(JSON.stringify((await refusal(client('clue-desk').send(paths.clueLists, long))).problem)).not.toContain(
      single,
    );
  });

  it('is in no table and no file of the Organization Department, in no log and in no line that a service wrote', async () => {
    expect(await tablesWith('organization', single)).toEqual([]);
    expect(filesWith(here.region.folder('organization'), single)).toEqual([]);
    for (const folder of logFolders(here)) expect(filesWith(folder, single)).toEqual([]);
    expect(said.filter((line) => line.includes('金丝雀'))).toEqual([]);
    // The search finds what is in plain text: who dealt with it, where they did.
    expect((await tablesWith('commission', `${single}签收人`)).length).toBeGreaterThan(1);
    expect((await tablesWith('inspection', `${single}移交人`)).length).toBeGreaterThan(1);
  });

  it('keeps its words nowhere in plain text, not even where they belong', async () => {
    for (const agency of agencies) {
      for (const word of ['单位', '来源', '某', '职务', '内容'].map((each) => single + each)) {
        expect([agency, word, await tablesWith(agency, word)]).toEqual([agency, word, []]);
        expect([agency, word, filesWith(here.region.folder(agency), word)]).toEqual([agency, word, []]);
      }
    }
  });

  it('opens for the office that handed it over as well, each time with a reason on record', async () => {
    expect(await opened('clue-desk', listId)).toMatchObject([{ contents: `${single}内容0` }, {}]);
    const recorded = await asAdministrator(here, 'inspection', (sql) =>
      sql.query(`select 1 from store.events where stream = $1 and data like '%办理需要%'`, [`clueFile-${listId}`]),
    );
    if (!here.nodes.inspection) expect(recorded.rowCount).toBe(1);
  });

  it('is seen by everybody as something sealed, in the same number, and parks nothing', async () => {
    const wanted = [
      { agency: 'commission', count: 1 },
      { agency: 'inspection', count: 1 },
    ];
    for (const login of ['desk', 'supervision', 'cadres']) {
      const { sealed } = await client(login).get<SealedList>(paths.sealed);
      expect([login, sealed]).toEqual([login, wanted]);
    }
    for (const agency of agencies) {
      const parked = await asAdministrator(here, agency, (sql) => sql.query('select * from views.parked'));
      expect([agency, parked.rows]).toEqual([agency, []]);
    }
  });

  it('leaves the logs such that an outsider verifies them, and finds nothing in what he is shown', async () => {
    const { code, result, said: heard } = await audit(logFolders(here));
    expect([code, result.ok]).toEqual([0, true]);
    expect(JSON.stringify(result) + heard).not.toContain('金丝雀');
    const replay = [program('apps/auditor/src/main'), 'replay', ...logFolders(here), '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, replay);
    expect(stdout).toContain('"verdict":"WHOLE"');
    expect(stdout).not.toContain('金丝雀');
  });
});

describe('a list handed over to both', () => {
  it('is read and signed for by each, and by nobody more', async () => {
    const id = await handedOver(dual, 'dual');
    for (const login of ['case-office', 'cadres']) {
      expect(await arrived(login, id)).toMatchObject({ kind: 'dual', body: '密封' });
      expect(await opened(login, id)).toMatchObject([{ contents: `${dual}内容0` }, {}]);
      await client(login).send(paths.signClueReceipt(id), { count: 2 });
    }
    const list = await arrived('clue-desk', id, ({ receipts }) => receipts.length === 2);
    expect(list.receipts.map(({ agency }) => agency).sort()).toEqual(['commission', 'organization']);
    // A receipt is for the office that handed over: the other receiver does not learn who signed.
    expect(await tablesWith('commission', `${dual}签收人`)).toEqual([]);
    expect(filesWith(join(here.region.folder('commission'), 'log'), dual)).toEqual([]);
    expect(await tablesWith('organization', single)).toEqual([]);
  });
});

describe('another key of the commission', () => {
  it('is a line more and a restart; later lists go to it, and a rebuild still reads the earlier ones', async () => {
    await here.region.stopAgency('commission');
    const file = join(here.region.folder('commission'), 'keys', 'sealing.key');
    appendFileSync(file, `${randomBytes(32).toString('base64')}\n`);
    await here.region.launch('commission');
    await signedInAgain();
    const keys = (): Promise<string[]> =>
      asAdministrator(here, 'inspection', async (sql) => {
        const found = await sql.query<{ text: string }>(
          `select convert_from(bytes, 'UTF8') as text from inbox.entry where type = 'commission.sealing-key-announced.v1' order by index`,
        );
        return found.rows.map(({ text }) => (JSON.parse(text) as { data: { key: string } }).data.key);
      });
    const [, newest] = await until(
      'the new key arrives',
      async () => ((await keys()).length === 2 ? keys() : undefined),
      patience,
    );
    const id = await handedOver(dual, 'single');
    expect(await arrived('case-office', id)).toMatchObject({ kind: 'single' });
    const sealedTo = await asAdministrator(here, 'inspection', async (sql) => {
      const found = await sql.query<{ text: string }>(
        `select convert_from(bytes, 'UTF8') as text from log.entry order by index desc limit 1`,
      );
      return (JSON.parse(found.rows[0]!.text) as { sealed: { to: { commission: { key: string } } } }).sealed.to
        .commission.key;
    });
    expect(sealedTo).toBe(newest);
    const rebuilt = await fetch(`${here.region.urls.commission}/rebuild/clueLists`, {
      method: 'POST',
      headers: { 'sanfang-operator': '1' },
    });
    expect(await rebuilt.json()).toMatchObject({ equal: true });
    expect(await opened('case-office', listId)).toMatchObject([{ contents: `${single}内容0` }, {}]);
  });
});

describe('destroyed by two persons', () => {
  const request = (login: string, id = listId) =>
    client(login).send(paths.clueAction(id, 'requestDestruction'), { reason: '保管期满' });
  const confirm = (login: string, id = listId) => client(login).send(paths.clueAction(id, 'confirmDestruction'), {});
  const code = async (attempt: Promise<unknown>) => (await refusal(attempt)).problem.code;
  const sealedEntries = () =>
    asAdministrator(here, 'commission', async (sql) => {
      const found = await sql.query<{ text: string }>(
        `select convert_from(bytes, 'UTF8') as text from inbox.entry where type = 'inspection.sealed.v1' order by index`,
      );
      return found.rows.map(({ text }) => text);
    });

  it('is not done single-handed, by others, or before the list is signed for', async () => {
    const unsigned = await handedOver(dual, 'single');
    await arrived('case-office', unsigned);
    expect(await code(request('case-office', unsigned))).toBe('clueFile.notSigned');
    expect(await code(confirm('case-office'))).toBe('clueFile.notRequested');
    await request('case-office');
    expect(await code(confirm('case-office'))).toBe('clueFile.ownRequest');
    expect(await code(confirm('supervision'))).toBe('rights.role');
    expect(await code(confirm('cadres'))).toBe('record.none');
    // What is refused has destroyed nothing.
    expect(await opened('second-officer', listId)).toHaveLength(2);
  });

  it('is gone in the agency that destroys it, which says so, and nowhere else', async () => {
    const before = await sealedEntries();
    await confirm('second-officer');
    const gone = await refusal(opened('case-office', listId));
    expect([gone.status, gone.problem.code, gone.problem.title]).toEqual([410, 'body.destroyed', '已销毁']);
    expect(await arrived('case-office', listId, ({ body }) => body === '已销毁')).toMatchObject({ count: 2 });
    const told = await arrived('clue-desk', listId, ({ destructions }) => destructions.length > 0);
    expect(told).toMatchObject({
      body: '密封',
      destructions: [
        {
          agency: 'commission',
          requestedBy: { name: `${single}签收人` },
          confirmedBy: { name: `${single}复核人` },
        },
      ],
    });
    expect(await opened('clue-desk', listId)).toHaveLength(2);
    // No byte of any log has changed, and other lists open as before.
    expect((await sealedEntries()).slice(0, before.length)).toEqual(before);
  });

  it('leaves 已销毁 in a read model that is built anew, after a restart as well', async () => {
    const rebuilt = await fetch(`${here.region.urls.commission}/rebuild/clueLists`, {
      method: 'POST',
      headers: { 'sanfang-operator': '1' },
    });
    expect(await rebuilt.json()).toMatchObject({ equal: true });
    await here.region.stopAgency('commission');
    const fsck = [program('libs/chassis/fsck-cli'), 'commission'];
    const checked = await promisify(execFile)(process.execPath, fsck, { env: { ...process.env, ...here.settings } });
    expect(checked.stdout).toContain('完好');
    await here.region.launch('commission');
    await signedInAgain();
    // No hour has passed since the next key was known: the sealing key that opens the copy in the log is still there, and said so.
    expect(await arrived('case-office', listId)).toMatchObject({ body: '已销毁', opensInLogs: true });
    expect((await refusal(opened('case-office', listId))).problem.code).toBe('body.destroyed');
  });

  it('is done by the office that handed it over in the same way, and then opens nowhere', async () => {
    await request('clue-desk');
    expect(await code(confirm('clue-desk'))).toBe('clueFile.ownRequest');
    await confirm('second-clerk');
    expect(await code(opened('clue-desk', listId))).toBe('body.destroyed');
    await arrived('case-office', listId, ({ destructions }) => destructions.length === 2);
  });

  it('breaks no proof: an outsider still verifies all logs, their sealed entries and their commitments', async () => {
    const { code: ended, result } = await audit(logFolders(here));
    expect([ended, result.ok]).toEqual([0, true]);
    const replay = [program('apps/auditor/src/main'), 'replay', ...logFolders(here), '--json'];
    expect((await promisify(execFile)(process.execPath, replay)).stdout).toContain('"verdict":"WHOLE"');
    await here.region.stopAgency('inspection');
    const fsck = [program('libs/chassis/fsck-cli'), 'inspection'];
    const checked = await promisify(execFile)(process.execPath, fsck, { env: { ...process.env, ...here.settings } });
    expect(checked.stdout).toContain('完好');
    await here.region.launch('inspection');
  });
});
