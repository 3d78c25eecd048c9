// The closed loop as contexts.md F1 and F3 tell it, over three real agencies: feedback, hand-over, claim, rectification,
// close-out, return, substantially done, and selection issues that the organization department alone may close.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbook } from 'exceljs';
import { paths } from '#contracts/api';
import type { IssuePage, LedgerLine, LedgerPage, Overview, RoundList, VerificationQueue } from '#contracts/answers';
import { runAuditor } from '../../apps/auditor/src/command';
import type { Client } from '../../apps/region/src/client';
import {
  act,
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
import { audit, feedbackDate, logFolders, opened, refusal, world } from './world';
import type { World } from './world';

const foreign = foreignProgram();
let here: World;
let story: Opened;
let lines: LedgerLine[];
const staffOf = (line: LedgerLine): Staff => story.cast.staff.get(line.unitId) as Staff;
const line = (n: number): LedgerLine => lines[n] as LedgerLine;

beforeAll(async () => {
  here = await world();
  story = await opened(here);
  lines = await ledger(story.cast.office);
});
afterAll(() => here?.end());

describe('F1 feedback and hand-over', () => {
  it('turns every issue of the text into one line of the ledger, with its unit', () => {
    expect(lines).toHaveLength(6);
    expect(new Set(lines.map((each) => each.unitName))).toEqual(new Set(['示范县水利局党组', '示范县文旅局党组']));
    expect(lines.filter((each) => each.special === 'selection')).toHaveLength(2);
  });

  it('is received by both other agencies, each saying how many issues it holds', async () => {
    const receipts = await until('both receipts', async () => {
      const { rounds } = await story.cast.office.get<RoundList>(paths.rounds);
      const found = rounds.flatMap((round) => round.receipts);
      return found.length === 2 ? found : undefined;
    });
    expect(receipts.map(({ agency, held }) => [agency, held]).sort()).toEqual([
      ['commission', 6],
      ['organization', 6],
    ]);
  });

  it('shows the same ledger in all three consoles', async () => {
    await agreed(story.cast);
    for (const reader of [story.cast.commission, story.cast.organization]) {
      expect((await ledger(reader)).map(({ number, title, unitName }) => [number, title, unitName])).toEqual(
        lines.map(({ number, title, unitName }) => [number, title, unitName]),
      );
    }
  });

  it('is claimed by the unit only with its secretary signing', async () => {
    const { issueId } = line(0);
    await act(staffOf(line(0)).liaison, issueId, 'proposeClaim', {
      leadLeader: '丙',
      department: '办公室',
      person: '乙',
    });
    const before = await story.cast.office.get<IssuePage>(paths.issue(issueId));
    expect(before.line.status).toBe('registered');
    await act(staffOf(line(0)).secretary, issueId, 'signClaim', {});
    await settled(story.cast, issueId, 'claimed');
    for (const other of lines.slice(1)) await claim(staffOf(other), other.issueId);
  });
});

describe('F3 close-out', () => {
  it('needs the signatures of the unit in their order', async () => {
    await rectify(staffOf(line(0)), line(0).issueId, line(0).due, feedbackDate);
    const early = await refusal(act(staffOf(line(0)).secretary, line(0).issueId, 'signCloseOut', {}));
    expect(early.status).toBe(409);
    await requestCloseOut(story.cast, line(0));
    const page = await settled(story.cast, line(0).issueId, 'closeOutRequested');
    expect(page.signatures.map((each) => each.who !== '')).toEqual([true, true, true]);
    expect(page.line.tracks).toMatchObject({ unit: 'reportedDone', site: 'notSampled' });
  });

  it('reaches the competent agency with its evidence, byte for byte', async () => {
    const { file, bytes } = await until('the commission holds the evidence', async () => {
      const attached = (await story.cast.commission.get<IssuePage>(paths.issue(line(0).issueId))).evidence[0];
      if (!attached?.held) return undefined;
      const response = await story.cast.commission.request('GET', paths.evidence(line(0).issueId, attached.sha256));
      return { file: attached, bytes: Buffer.from(await response.arrayBuffer()) };
    });
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256);
  });

  it('is returned with a reason, and the returns are counted', async () => {
    await verify(story.cast, line(0), 'return', { reasonCode: 'evidenceMissing', reason: '缺少会议记录原件。' });
    const page = await settled(story.cast, line(0).issueId, 'rectifying', 1);
    expect(page.line).toMatchObject({ returns: 1, tracks: { agency: 'returned' } });
    expect(page.timeline.some((entry) => entry.words.includes('缺少会议记录原件'))).toBe(true);
  });

  it('is closed after a second request, on the ground of the verifier’s act in its own log', async () => {
    await requestCloseOut(story.cast, line(0));
    await verify(story.cast, line(0), 'accept');
    const page = await settled(story.cast, line(0).issueId, 'closedOut');
    expect(page.line).toMatchObject({ attempt: 2, returns: 1, tracks: { agency: 'accepted' }, light: 'closed' });
    const { verification } = await until('three parties stand by the record', async () => {
      const answer = await story.cast.office.get<IssuePage>(paths.issue(line(0).issueId));
      return answer.verification.state === 'ok' ? answer : undefined;
    });
    expect(verification.sentence).toMatch(/未被改动，已由三方共同见证/);
  });

  it('is counted apart when the issue is only substantially done', async () => {
    await rectify(staffOf(line(1)), line(1).issueId, line(1).due, feedbackDate);
    await requestCloseOut(story.cast, line(1));
    await verify(story.cast, line(1), 'acceptAsSubstantiallyDone', {
      remaining: '制度运行满一年后复查。',
      newDate: '2099-12-31',
    });
    await settled(story.cast, line(1).issueId, 'substantiallyDone');
    const overview = await story.cast.office.get<Overview>(paths.overview);
    expect(overview).toMatchObject({ total: 6, closedOut: 1, substantiallyDone: 1, open: 4 });
    expect(overview.closedOut + overview.substantiallyDone + overview.open).toBe(overview.total);
  });

  it('of a selection issue is decided by the organization department alone', async () => {
    const selection = lines.find((each) => each.special === 'selection') as LedgerLine;
    await rectify(staffOf(selection), selection.issueId, selection.due, feedbackDate);
    await requestCloseOut(story.cast, selection);
    const body = { method: 'document', note: '' };
    const refused = await refusal(
      story.cast.commission.send(paths.verificationAction(selection.issueId, 'accept'), body),
    );
    expect(refused.status).toBe(409);
    const queue = await story.cast.commission.get<VerificationQueue>(paths.verifications);
    expect(queue.waiting.map((each) => each.line.issueId)).not.toContain(selection.issueId);
    await verify(story.cast, selection, 'accept');
    await settled(story.cast, selection.issueId, 'closedOut');
  });

  it('refuses a command on a record that has moved on, and repeats nothing for the same command id', async () => {
    const { issueId } = line(3);
    const report = paths.issueAction(issueId, 'reportProgress');
    const { owner } = staffOf(line(3));
    const commandId = '8b7d1f60-6b0f-4a53-9d57-111111111111';
    const first = await owner.send(report, { text: '已召开会议1次。' }, { commandId });
    const again = await owner.send(report, { text: '已召开会议1次。' }, { commandId });
    expect(again).toEqual(first);
    const stale = await refusal(owner.send(report, { text: '再报。' }, { revision: first.revision - 1 }));
    expect(stale.problem.code).toBe('revision.stale');
  });
});

describe('the ledger', () => {
  it('finds Chinese words of two characters and more, and pages by key', async () => {
    const search = (words: string): Promise<LedgerPage> =>
      story.cast.office.get<LedgerPage>(paths.ledger, { search: words });
    expect((await search('监管')).lines).toHaveLength(2);
    expect((await search('选人用人程序')).lines).toHaveLength(2);
    expect((await search('没有这样的问题')).lines).toHaveLength(0);
    const first = await story.cast.office.get<LedgerPage>(paths.ledger, { limit: '4', sort: 'due' });
    const second = await story.cast.office.get<LedgerPage>(paths.ledger, {
      limit: '4',
      sort: 'due',
      cursor: first.next as string,
    });
    expect([...first.lines, ...second.lines].map((each) => each.issueId).sort()).toEqual(
      lines.map((each) => each.issueId).sort(),
    );
  });
});

describe('an exported ledger', () => {
  const exported = async (reader: Client, filter = ''): Promise<(string | number | null)[][]> => {
    const answer = await reader.request('GET', `${paths.exportLedger}${filter}`);
    expect(answer.headers.get('content-disposition')).toMatch(/filename\*=UTF-8''%E6%95%B4%E6%94%B9/);
    const book = new Workbook();
    await book.xlsx.load(await answer.arrayBuffer());
    const rows: (string | number | null)[][] = [];
    book.getWorksheet('台账')?.eachRow((row, n) => {
      if (n > 4) rows.push((row.values as (string | number | null)[]).slice(1));
    });
    return rows;
  };

  it('holds each line once, with its id, number and words as they stand', async () => {
    const rows = await exported(story.cast.office);
    const shown = lines.map(({ issueId, number, unitName }) => [issueId, number, unitName]);
    expect(rows.map(([id, , number, unit]) => [id, number, unit]).sort()).toEqual(shown.sort());
    expect(await exported(story.cast.office, '?status=closedOut')).toHaveLength(
      (await story.cast.office.get<LedgerPage>(paths.ledger, { status: 'closedOut' })).total,
    );
  });

  it('holds, for a unit, its own lines only', async () => {
    const { unitName } = line(0);
    const rows = await exported(staffOf(line(0)).liaison);
    expect(rows).toHaveLength(3);
    expect(new Set(rows.map((row) => row[3]))).toEqual(new Set([unitName]));
  });
});

describe('the operator', () => {
  it.each(['commission', 'organization', 'inspection'] as const)(
    'rebuilds the ledger of the %s, equal byte for byte',
    async (agency) => {
      const answer = await fetch(`${here.region.urls[agency]}/rebuild/ledger`, {
        method: 'POST',
        headers: { 'sanfang-operator': '1' },
      });
      expect(await answer.json()).toMatchObject({ view: 'ledger', rows: 6, equal: true });
      await agreed(story.cast);
    },
  );
});

describe('the outsider', () => {
  it('finds the logs of all three agencies whole, over HTTP and in their folders', async () => {
    await agreed(story.cast);
    const urls = Object.values(here.region.urls);
    const feeds = Object.values(here.region.feeds);
    const prefixes = [...urls.slice(0, 1), ...feeds.slice(1)].map((url) => `${url}/log`);
    for (const targets of [urls, feeds, prefixes, logFolders(here)]) {
      const { code, result } = await audit(targets);
      expect(result).toMatchObject({ ok: true });
      expect(code).toBe(0);
    }
  });

  itWithGo('needs no program of ours: Go’s own packages check the three logs and a passport', foreign, async () => {
    const folders = logFolders(here);
    const passport = join(here.data, 'passport.txt');
    // The other agencies cosign within a second or so; on a busy machine it may take longer.
    const said = await until(
      'two witnesses for each log',
      async () => {
        const made = await run('passport', ...folders, '--issue', line(0).issueId, '--out', passport);
        expect(made).toMatchObject({ code: 0 });
        const answer = await ask(foreign, ...keysBeside(folders), '-enough', '2', ...folders, passport);
        return answer.code === 0 ? answer.out : undefined;
      },
      60,
    );
    expect(said.match(/^log .*, 2 witnesses for /gm)).toHaveLength(3);
    expect(said).toMatch(new RegExp(`^passport issueId ${line(0).issueId}: \\d+ entries of 2 logs$`, 'm'));
    const vkeys = keysBeside(folders).map((word) => (word.startsWith('-') ? '--vkey' : word));
    const own = await run('verify', passport, ...vkeys);
    expect(own).toMatchObject({ code: 0, err: '' });
    expect(own.out).toContain('不能证明收录齐全');
  });

  it('accepts the passport that every console gives of an issue, under two witnesses for each log', async () => {
    const vkeys = keysBeside(logFolders(here)).map((word) => (word.startsWith('-') ? '--vkey' : word));
    const { issueId } = line(0);
    const { commission, organization, office } = story.cast;
    for (const [n, reader] of [commission, organization, office, staffOf(line(0)).liaison].entries()) {
      const file = join(here.data, `${n}.passport`);
      const verdict = await until('a passport under two witnesses', async () => {
        const answer = await reader.request('GET', paths.passport(issueId));
        writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
        const { out, err } = await run('verify', file, '--json', ...vkeys);
        expect(err).toBe('');
        const { logs, entries } = JSON.parse(out) as { logs: { witnesses: string[] }[]; entries: unknown[] };
        return logs.every(({ witnesses }) => witnesses.length === 2) ? { logs, entries } : undefined;
      });
      const page = await reader.get<IssuePage>(paths.issue(issueId));
      expect(verdict.entries).toHaveLength(page.timeline.length);
      expect(verdict.logs).toHaveLength(2);
    }
    const stranger = staffOf(lines.find((each) => each.unitId !== line(0).unitId) as LedgerLine).liaison;
    expect((await refusal(stranger.request('GET', paths.passport(issueId)))).problem.code).toBe('record.none');
  }, 120_000);
});

/** As an outsider gets them once, by another way than the logs. */
function keysBeside(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => [
    ...['-log', readFileSync(join(folder, 'vkey'), 'utf8').trim()],
    ...['-witness', readFileSync(join(folder, 'witness-vkey'), 'utf8').trim()],
  ]);
}

async function run(...argv: string[]) {
  let [out, err] = ['', ''];
  const terminal = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  return { code: await runAuditor(argv, { ...terminal, isTerminal: false }), out, err };
}
