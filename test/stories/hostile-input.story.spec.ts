// Bad input gets a clear Chinese sentence with a remedy and a code, and nothing is half-written.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '#contracts/api';
import type { LedgerLine } from '#contracts/answers';
import { agencies } from '#kernel/envelope';
import { zipOf, zipPart } from '#testing/sample-zip';
import { Client } from '../../apps/region/src/client';
import { claim, ledger, until } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { feedbackDate, feedbackOf, opened, refusal, storeHead, twoUnits, world } from './world';
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
afterAll(() => here?.end());

const storedEvents = (): Promise<string> => storeHead(here, 'inspection');

/** Every file under each agency's folder of files: kept ones, drafts, and notes about uploads in progress. */
const keptFiles = (): string[] =>
  agencies.flatMap((agency) => {
    const folder = join(here.region.folder(agency), 'files');
    const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  });

/** Refused with this status and code, in Chinese, and the store and the files are as they were. */
async function refuses(attempt: () => Promise<unknown>, status: number, code: string | RegExp): Promise<void> {
  const before = await storedEvents();
  const files = keptFiles();
  const answer = await refusal(attempt());
  expect([answer.status, answer.problem.code]).toEqual([
    status,
    typeof code === 'string' ? code : expect.stringMatching(code),
  ]);
  expect(answer.problem.message).toMatch(/[\u4e00-\u9fff]{4}/);
  expect(answer.problem.message).not.toMatch(/undefined|\{|Error/);
  expect(answer.problem.reference).toBeTruthy();
  expect(await storedEvents()).toBe(before);
  expect(keptFiles()).toEqual(files);
}

const paper = (name: string, bytes: Uint8Array | string) => (): Promise<unknown> =>
  story.cast.office.upload(
    paths.feedbacks,
    { name, bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes },
    { roundId: story.roundId, feedbackDate },
  );
const other = feedbackOf(['示范县林业局党组'], ['巡护制度执行不够严格']);
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
  it('is refused when it is a bomb: a docx that unpacks to hundreds of times its size', async () => {
    const bomb = zipOf([
      zipPart('[Content_Types].xml', '<Types/>'),
      zipPart('word/document.xml', Buffer.alloc(60 * 2 ** 20, 0x20)),
    ]);
    expect(bomb.length).toBeLessThan(100_000);
    await refuses(paper('炸弹.docx', bomb), 422, 'paper.bomb');
  });
  it('is refused when it has been registered already, and the registered one stays', async () => {
    expect(keptFiles().length).toBeGreaterThan(0);
    await refuses(
      () => story.cast.office.upload(paths.feedbacks, twoUnits, { roundId: story.roundId, feedbackDate }),
      409,
      'feedback.exists',
    );
  });
  it('is refused when it is for no round', () =>
    refuses(
      () => story.cast.office.upload(paths.feedbacks, other, { roundId: 'r-none', feedbackDate }),
      409,
      'round.none',
    ));
  it('is refused when its form is incomplete', () =>
    refuses(() => story.cast.office.upload(paths.feedbacks, other, {}), 400, 'input.fields'));
  it('is refused when it is from the future', () =>
    refuses(
      () => story.cast.office.upload(paths.feedbacks, other, { roundId: story.roundId, feedbackDate: '2099-01-01' }),
      409,
      'feedback.future',
    ));
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

const evidence =
  (name: string, bytes: Uint8Array, dated = feedbackDate) =>
  (): Promise<unknown> =>
    staff.owner.upload(paths.issueAction(line.issueId, 'attachEvidence'), { name, bytes }, { dated, explanation: '' });
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

describe('evidence that cannot be taken', () => {
  it('is refused when it is oversized', () =>
    refuses(evidence('大.pdf', new Uint8Array(60 * 2 ** 20)), 413, 'input.tooLarge'));
  it('is refused when its contents are not what its name says', () =>
    refuses(evidence('图.pdf', text('not a pdf')), 409, 'evidence.type'));
  it('is refused when it is older than the feedback without a reason', () =>
    refuses(evidence('旧.txt', text('旧材料'), '2025-03-01'), 409, 'evidence.beforeFeedback'));
  it('is refused when it has no date', () => refuses(evidence('无.txt', text('无日期'), ''), 400, 'input.fields'));
  it('is refused in another unit’s name', async () => {
    const stranger = [...story.cast.staff].find(([unitId]) => unitId !== line.unitId)?.[1] as Staff;
    const file = { name: '他.txt', bytes: text('他人材料') };
    const path = paths.issueAction(line.issueId, 'attachEvidence');
    await refuses(
      () => stranger.owner.upload(path, file, { dated: feedbackDate, explanation: '' }),
      404,
      'record.none',
    );
  });
});

describe('evidence that is accepted', () => {
  const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const given = async (client: Client, bytes: Uint8Array): Promise<Buffer> => {
    const answer = await client.request('GET', paths.evidence(line.issueId, sha256Of(bytes)));
    return Buffer.from(await answer.arrayBuffer());
  };
  /** The other agencies fetch it in the background, and what they fetch stays with them. */
  const everywhere = (bytes: Uint8Array): Promise<true> =>
    until(
      'each agency holds the evidence',
      async () => {
        const sha256 = sha256Of(bytes);
        const place = ['files', sha256.slice(0, 2), sha256.slice(2)];
        return agencies.every((agency) => existsSync(join(here.region.folder(agency), ...place))) || undefined;
      },
      60,
    );

  it('survives a later upload of the same bytes that is refused', async () => {
    const bytes = text('会议纪要');
    await evidence('纪要.txt', bytes)();
    await everywhere(bytes);
    await refuses(evidence('又.txt', bytes), 409, 'evidence.twice');
    await refuses(evidence('旧.txt', bytes, '2025-03-01'), 409, 'evidence.beforeFeedback');
    await refuses(evidence('图.pdf', bytes), 409, 'evidence.type');
    expect(await given(staff.owner, bytes)).toEqual(Buffer.from(bytes));
  });

  it('survives uploads of the same bytes at the same moment that are refused', async () => {
    const bytes = text('整改台账'.repeat(5_000));
    const before = keptFiles();
    const all = [...Array(8).keys()].map((n) => evidence(`${n}.txt`, bytes, n === 4 ? feedbackDate : '2025-03-01')());
    const ended = await Promise.allSettled(all);
    expect(ended.map(({ status }) => status)).toEqual(
      [...Array(8).keys()].map((n) => (n === 4 ? 'fulfilled' : 'rejected')),
    );
    await everywhere(bytes);
    expect(await given(staff.owner, bytes)).toEqual(Buffer.from(bytes));
    expect(keptFiles().length).toBe(before.length + agencies.length);
  });
});
