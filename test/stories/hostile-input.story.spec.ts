// Bad input gets a clear Chinese sentence with a remedy and a code, and nothing is half-written.
import { paths } from '#contracts/api';
import type { LedgerLine } from '#contracts/answers';
import { Client } from '../../apps/region/src/client';
import { claim, ledger } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { asAdministrator, feedbackDate, opened, refusal, world } from './world';
import type { World } from './world';

let here: World;
let story: Opened;
let line: LedgerLine;
let staff: Staff;

beforeAll(async () => {
  here = await world();
  story = await opened(here);
  line = (await ledger(story.cast.office))[0] as LedgerLine;
  staff = story.cast.staff.get(line.unitId) as Staff;
  await claim(staff, line.issueId);
});
afterAll(() => here.end());

const storedEvents = (): Promise<string> =>
  asAdministrator(
    here,
    'inspection',
    async (postgres) => (await postgres.query('select count(*) from store.events')).rows[0].count as string,
  );

/** Refused with this status and code, in Chinese, and the store is as it was. */
async function refuses(attempt: () => Promise<unknown>, status: number, code: string | RegExp): Promise<void> {
  const before = await storedEvents();
  const answer = await refusal(attempt());
  expect([answer.status, answer.problem.code]).toEqual([
    status,
    typeof code === 'string' ? code : expect.stringMatching(code),
  ]);
  expect(answer.problem.message).toMatch(/[\u4e00-\u9fff]{4}/);
  expect(answer.problem.message).not.toMatch(/undefined|\{|Error/);
  expect(answer.problem.reference).toBeTruthy();
  expect(await storedEvents()).toBe(before);
}

const paper = (name: string, bytes: Uint8Array | string) => (): Promise<unknown> =>
  story.cast.office.upload(
    paths.feedbacks,
    { name, bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes },
    { roundId: story.roundId, feedbackDate },
  );
const report = (): string => paths.issueAction(line.issueId, 'reportProgress');
const bare =
  (client: Client, body: string, headers: Record<string, string> = {}) =>
  (): Promise<unknown> =>
    client.request('POST', report(), body, {
      'content-type': 'application/json',
      'sanfang-command': '7f5f8f6e-0000-4000-8000-000000000001',
      ...headers,
    });

describe('a paper that cannot be read', () => {
  it('is refused when it is empty', () => refuses(paper('空.txt', ''), 400, 'input.fields'));
  it('is refused when its encoding is not a text’s', () =>
    refuses(
      paper(
        '乱码.txt',
        Uint8Array.from({ length: 400 }, (_, n) => (n * 89) % 256),
      ),
      422,
      /^paper\./,
    ));
  it('is refused when it has 50 MB', () =>
    refuses(paper('大.txt', new Uint8Array(50 * 2 ** 20).fill(0x61)), 413, /^paper\.tooLarge$|^input\.tooLarge$/));
  it('is refused when it is no docx inside', () =>
    refuses(paper('坏.docx', 'PK\u0003\u0004 not a zip'), 422, /^paper\./));
  it('is refused when its kind is not known', () => refuses(paper('表.xlsx', 'x'), 422, /^paper\./));
});

describe('a request that cannot be understood', () => {
  it('is refused when its JSON is broken', () => refuses(bare(staff.owner, '{"text":'), 400, 'input.json'));
  it('is refused when it has unknown fields', () =>
    refuses(bare(staff.owner, '{"text":"好","admin":true}'), 400, 'input.fields'));
  it('is refused when a field is missing, naming it', async () => {
    const answer = await refusal(bare(staff.owner, '{}')());
    expect(answer.problem.fields?.map((field) => field.path)).toEqual(['text']);
  });
  it('is refused when its type is not JSON', () =>
    refuses(bare(staff.owner, 'text=1', { 'content-type': 'text/plain' }), 415, 'input.mediaType'));
  it('is refused when it is far too long', () =>
    refuses(bare(staff.owner, JSON.stringify({ text: '长'.repeat(200_000) })), 413, 'input.tooLarge'));
  it('is refused when it carries no command id', () =>
    refuses(bare(staff.owner, '{"text":"好"}', { 'sanfang-command': 'x' }), 400, 'input.command'));
  it('is refused when it comes from another page', () =>
    refuses(bare(staff.owner, '{"text":"好"}', { origin: 'https://elsewhere.example' }), 403, 'session.origin'));
});

describe('a request by somebody who may not', () => {
  it('is refused for the wrong role', () =>
    refuses(() => staff.leader.send(report(), { text: '好' }), 403, 'rights.role'));
  it('is refused without a session', async () => {
    await refuses(() => new Client(here.region.urls.inspection).send(report(), { text: '好' }), 401, 'session.none');
  });
  it('is refused for another unit’s issue as if it did not exist', async () => {
    const other = [...story.cast.staff].find(([unitId]) => unitId !== line.unitId)?.[1] as Staff;
    await refuses(() => other.owner.send(report(), { text: '好' }), 404, 'rights.unit');
  });
  it('is refused on a stale revision', () =>
    refuses(() => staff.owner.send(report(), { text: '好' }, { revision: 0 }), 409, 'revision.stale'));
});

describe('evidence that cannot be taken', () => {
  const evidence = (name: string, bytes: Uint8Array) => (): Promise<unknown> =>
    staff.owner.upload(
      paths.issueAction(line.issueId, 'attachEvidence'),
      { name, bytes },
      { dated: feedbackDate, explanation: '' },
    );
  it('is refused when it is oversized', () =>
    refuses(evidence('大.pdf', new Uint8Array(60 * 2 ** 20)), 413, 'input.tooLarge'));
  it('is refused when its contents are not what its name says', () =>
    refuses(evidence('图.pdf', new TextEncoder().encode('not a pdf')), 409, /^evidence\.|^input\./));
  it('is refused when it is older than the feedback without a reason', () =>
    refuses(
      () =>
        staff.owner.upload(
          paths.issueAction(line.issueId, 'attachEvidence'),
          { name: '旧.txt', bytes: new TextEncoder().encode('旧材料') },
          { dated: '2025-03-01', explanation: '' },
        ),
      409,
      'evidence.beforeFeedback',
    ));
});
