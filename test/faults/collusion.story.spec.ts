// The office shows one history to the commission and another one to an outsider, and the organization department is in
// league with it: its witness cosigns both (F12). Under the rule that both witnesses must sign, the second history is
// worth nothing; and the first honest party to which it is shown has the proof, which also a foreign program accepts.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { agencies } from '#kernel/envelope';
import { paths } from '#contracts/api';
import type { LedgerLine } from '#contracts/answers';
import type { Alarm } from '#contracts/witnesses';
import { writeSampleLog } from '#testing/sample-log';
import { addSignatures } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { COSIGNER_KEY_TYPE, parseVkey, signingKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import { program } from '../../apps/region/src/programs';
import { agreed, claim, ledger, until } from '../../apps/region/src/scenario';
import type { Opened, Staff } from '../../apps/region/src/scenario';
import { runAuditor } from '../../apps/auditor/src/command';
import { ask, foreignProgram, itWithGo } from '../foreign/program';
import { opened, world } from '../stories/world';
import type { World } from '../stories/world';
import { entriesIn, filesOf, lastChanged, seedIn } from './other-history';

jest.setTimeout(300_000);
const patience = 60;
const go = foreignProgram();
const origin = 'inspection.sanfang.example/events/v1';
const store = mkdtempSync(join(tmpdir(), 'sanfang-collusion-'));
const second = join(store, 'second');
let here: World;
let story: Opened;

beforeAll(async () => {
  here = await world();
  story = await opened(here);
  const [line] = (await ledger(story.cast.office)) as [LedgerLine];
  await claim(story.cast.staff.get(line.unitId) as Staff, line.issueId);
  await agreed(story.cast, patience);
  writeSampleLog({ files: secondHistory() }, second);
});
afterAll(async () => {
  rmSync(store, { recursive: true, force: true });
  await here?.end();
});

const log = (): string => join(here.region.folder('inspection'), 'log');
const vkey = (name: string): string => readFileSync(join(here.data, 'trust', `${name}.vkey`), 'utf8').trim();

/** Another last entry, signed by the office and cosigned by the witness that is in league with it. */
function secondHistory(): Map<string, Uint8Array> {
  const files = filesOf(lastChanged(entriesIn(log())), origin, seedIn(here.region.folder('inspection'), 'log.seed'));
  const { text, signatures } = parseNote(files.get('checkpoint') as Uint8Array);
  const key = signingKey(
    parseVkey(vkey('organization.witness')).name,
    COSIGNER_KEY_TYPE,
    seedIn(here.region.folder('organization'), 'witness.seed'),
  );
  files.set(
    'checkpoint',
    addSignatures({ text, signatures }, cosign(text, BigInt(Math.floor(Date.now() / 1000)), key)),
  );
  return files;
}

/** What an outsider concludes about the second history when so many witnesses must stand by it. */
async function verdictUnder(quorum: 1 | 2): Promise<string> {
  const lines = [
    ...agencies.map((name) => `log ${vkey(name)}`),
    ...agencies.map((name) => `witness ${name} ${vkey(`${name}.witness`)}`),
    `group all ${quorum} ${agencies.join(' ')}`,
    'quorum all\n',
  ];
  const policy = join(store, `policy-${quorum}`);
  writeFileSync(policy, lines.join('\n'));
  let said = '';
  const terminal = { out: (text: string) => void (said += text), err: () => undefined, isTerminal: false };
  await runAuditor(['verify', second, '--policy', policy, '--json'], terminal);
  return (JSON.parse(said) as { verdict: string }).verdict;
}

const evidence = (): string[] => {
  try {
    return readdirSync(join(here.region.folder('commission'), 'evidence')).map((name) =>
      join(here.region.folder('commission'), 'evidence', name),
    );
  } catch {
    return [];
  }
};

describe('a history that the log and one of two witnesses have made up', () => {
  it('is refused by the rule that both must sign, and would pass if one were enough', async () => {
    expect(await verdictUnder(2)).toBe('INVALID');
    expect(await verdictUnder(1)).toBe('WHOLE');
  });

  it('is a proof in the hands of the first honest witness to which it is shown', async () => {
    expect(evidence()).toEqual([]);
    const { text, signatures } = parseNote(readFileSync(join(second, 'checkpoint')));
    const [, size] = text.split('\n');
    const body = `old ${size}\n\n${Buffer.from(addSignatures({ text, signatures })).toString('utf8')}`;
    const answer = await fetch(`${here.region.feeds.commission}/witness/add-checkpoint`, { method: 'POST', body });
    expect([409, 422]).toContain(answer.status);
    const alarm = await until(
      'the commission sounds the alarm',
      async () =>
        (await story.cast.commission.get<Alarm[]>(paths.alarms)).find(({ agency }) => agency === 'inspection'),
      patience,
    );
    expect(alarm.sentence).toContain('请勿改动');
    const [file] = evidence();
    const words = [program('apps/auditor/src/main'), 'evidence', file as string, '--vkey', vkey('inspection')];
    const { stdout } = await promisify(execFile)(process.execPath, words);
    expect(stdout).toContain(`证据成立:日志 ${origin}`);
  });

  itWithGo('proves it also to a program that shares no line with this one', go, async () => {
    const [file] = evidence();
    const { code, out, err } = await ask(go, '-log', vkey('inspection'), file as string);
    expect(err).toBe('');
    expect(out).toContain(`fork of ${origin}: `);
    expect(code).toBe(0);
  });
});
