// A thief has the office's log key. An outside witness that follows all three logs hears what two peers say of the key, and
// cosigns nothing that it alone has signed; nor does it take the thief's history for the office's second one.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleEntries, sampleEntry, sampleLog } from '#testing/sample-log';
import type { SampleLog } from '#testing/sample-log';
import { serveFiles } from '#testing/sample-server';
import type { SampleServer } from '#testing/sample-server';
import { signCheckpoint } from '#tlog/checkpoint';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import type { SigningKey } from '#tlog/key';
import { writeHandover } from '#tlog/handover';
import { dataOf } from '#tlog/revocations';
import type { Word } from '#tlog/revocations';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { writeAddCheckpoint } from '#tlog/witness';
import { runAuditor } from './command';
import { originHash } from './watch-states';

type Peer = Word['by'];
const agencies = ['inspection', 'commission', 'organization'] as const;
const originOf = (agency: Peer) => `${agency}.example.gov.cn/events/v1`;
const origin = originOf('inspection');
const keyOf = (agency: Peer, fill: number) => signingKey(originOf(agency), LOG_KEY_TYPE, new Uint8Array(32).fill(fill));
const [stolen, next] = [keyOf('inspection', 7), keyOf('inspection', 8)] as [SigningKey, SigningKey];
const peers = { commission: keyOf('commission', 21), organization: keyOf('organization', 22) };

let folder: string;
let servers: Record<Peer, { files: Map<string, Uint8Array>; server: SampleServer }>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-watch-revoked-'));
  const each = async () => {
    const files = new Map<string, Uint8Array>();
    return { files, server: await serveFiles(files) };
  };
  servers = { inspection: await each(), commission: await each(), organization: await each() };
  office(sampleEntries(3), stolen);
  says('commission');
  says('organization');
});
afterEach(async () => {
  for (const { server } of Object.values(servers)) await server.close();
  rmSync(folder, { recursive: true });
});

function serve(agency: Peer, log: SampleLog, by: SigningKey): void {
  const { files } = servers[agency];
  // What was shown before stays.
  for (const [path, bytes] of log.files) files.set(path, bytes);
  files.set('checkpoint', signCheckpoint({ origin: originOf(agency), size: log.size, root: log.root }, by));
  files.set('vkey', utf8(`${formatVkey(by)}\n`));
}
const office = (entries: readonly Uint8Array[], by: SigningKey): void =>
  serve('inspection', sampleLog(entries, { origin }), by);
/** The peer's log: an entry, and then its words. */
function says(agency: Exclude<Peer, 'inspection'>, ...words: Partial<Word>[]): void {
  const entries = words.map((change, n) => {
    const word = { origin, vkey: formatVkey(stolen), lastGoodSize: 3n, successor: '', ...change };
    return sampleEntry(n + 1, { type: `${agency}.key-revoked.v1`, data: dataOf(word) });
  });
  serve(agency, sampleLog([sampleEntry(0), ...entries], { origin: originOf(agency) }), peers[agency]);
}

const policy = () => {
  const path = join(folder, 'policy');
  const keys = [stolen, peers.commission, peers.organization];
  writeFileSync(path, keys.map((key) => `log ${formatVkey(key)}\n`).join(''));
  return path;
};
type Told = { kind: string; origin?: string; size?: number; url?: string; finding?: Record<string, unknown> };
function start(ending: AbortController, ...more: string[]) {
  const told: Told[] = [];
  let err = '';
  const out = (text: string) => void told.push(JSON.parse(text) as Told);
  const terminal = { out, err: (text: string) => void (err += text), isTerminal: false };
  const machine = { now: () => 1_767_139_200_000, stopping: () => ending.signal };
  const names = [
    '--key',
    join(folder, 'key'),
    '--state',
    join(folder, 'state'),
    '--name',
    'auditor.example.org/witness/v1',
  ];
  const argv = ['watch', ...names, '--json', '--every', '0.1', ...more];
  return { told, err: () => err, ended: runAuditor(argv, terminal, machine) };
}
const places = () => agencies.map((agency) => servers[agency].server.url);
/** Two looks: the first hears what the peers say, whichever log answers first. */
async function look(...more: string[]) {
  await start(new AbortController(), '--once', ...more, ...places()).ended;
  const run = start(new AbortController(), '--once', ...more, ...places());
  const code = await run.ended;
  return { code, err: run.err(), told: run.told };
}
const cosigned = () => {
  const { frontier } = JSON.parse(readFileSync(join(folder, 'state', `${originHash(origin)}.json`), 'utf8')) as {
    frontier: string;
  };
  return Number(frontier.split('\n')[0]);
};
const refused = { verdict: 'INVALID', origin, index: 3, where: 'checkpoint' };
const findings = (told: readonly Told[]) => told.flatMap(({ finding }) => finding ?? []);

describe('an outside witness that hears two agencies revoke a key', () => {
  it('cosigns nothing more that this key alone has signed, with a policy and without', async () => {
    for (const more of [['--policy', policy()], []]) {
      rmSync(join(folder, 'state'), { recursive: true, force: true });
      rmSync(join(folder, 'key'), { force: true });
      office(sampleEntries(3), stolen);
      says('commission');
      says('organization');
      expect(await look(...more)).toMatchObject({ code: 0 });
      says('commission', {});
      says('organization', {});
      expect(await look(...more)).toMatchObject({ code: 0 });
      office(sampleEntries(5), stolen);
      const { code, told } = await look(...more);
      expect({ code, found: findings(told) }).toMatchObject({ code: 1, found: [refused] });
      expect(cosigned()).toBe(3);
    }
  });

  it('does not take what the thief signed for a second history', async () => {
    says('commission', { lastGoodSize: 2n });
    says('organization', { lastGoodSize: 2n });
    office(sampleEntries(2), stolen);
    expect(await look('--policy', policy())).toMatchObject({ code: 0 });
    office([...sampleEntries(1), sampleEntry(70), sampleEntry(71)], stolen);
    const { code, told } = await look('--policy', policy());
    expect({ code, found: findings(told) }).toMatchObject({ code: 1, found: [{ ...refused, index: 2 }] });
  });

  it('goes by two and tells of one', async () => {
    says('commission', {});
    office(sampleEntries(5), stolen);
    const { code, err } = await look('--policy', policy());
    expect(code).toBe(0);
    expect(err).toContain(`纪委监委在其日志中声明 ${origin} 的公钥已为他人所知,从第 3 条`);
    expect(cosigned()).toBe(5);
  });

  it('follows the successor whom both have named, without a handover, also after a start', async () => {
    const word = { successor: formatVkey(next) };
    expect(await look('--policy', policy())).toMatchObject({ code: 0 });
    says('commission', word);
    says('organization', word);
    await look('--policy', policy());
    office(sampleEntries(5), next);
    expect(await look('--policy', policy())).toMatchObject({ code: 0 });
    office(sampleEntries(6), next);
    expect(await look('--policy', policy())).toMatchObject({ code: 0 });
    expect(cosigned()).toBe(6);
  });

  it('follows a handover that is made while it runs', async () => {
    const ending = new AbortController();
    const run = start(ending, '--policy', policy(), ...places());
    await until(() => run.told.some(({ kind, origin: whose }) => kind === 'cosigned' && whose === origin));
    const handover = { origin, from: 3n, until: '2026-05-01T00:00:00Z' };
    const note = writeHandover(handover, stolen, next, 1n);
    const said = sampleEntry(3, { type: 'inspection.key-announced.v1', data: { note: fromUtf8(note) } });
    servers.inspection.files.set('keys', note);
    office([...sampleEntries(3), said], next);
    await until(() => run.told.some(({ kind, size }) => kind === 'cosigned' && size === 4));
    ending.abort();
    expect(await run.ended).toBe(0);
  });

  it('hears once more what it has read before it kept words', async () => {
    says('commission', {});
    says('organization', {});
    await look('--policy', policy());
    for (const agency of agencies) {
      const path = join(folder, 'state', `${originHash(originOf(agency))}.json`);
      const { words: _, ...before } = JSON.parse(readFileSync(path, 'utf8')) as { words: unknown };
      writeFileSync(path, JSON.stringify(before));
    }
    office(sampleEntries(5), stolen);
    await start(new AbortController(), '--once', '--policy', policy(), ...places().slice(1)).ended;
    expect(await look('--policy', policy())).toMatchObject({ code: 1 });
    expect(cosigned()).toBe(3);
  });
});

it('asks whoever comes too early to come again: a log that has not answered yet has no name', async () => {
  const silent = await serveFiles(new Map(), (_, response) => {
    response.writeHead(403).end();
    return true;
  });
  const ending = new AbortController();
  const run = start(ending, '--listen', '127.0.0.1:0', '--policy', policy(), silent.url);
  try {
    await until(() => run.told.some(({ kind }) => kind === 'listening'));
    const url = run.told.find(({ kind }) => kind === 'listening')!.url!;
    const note = servers.inspection.files.get('checkpoint')!;
    const asked = await fetch(`${url}/add-checkpoint`, {
      method: 'POST',
      body: Buffer.from(writeAddCheckpoint(0n, [], note)),
    });
    expect([asked.status, asked.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await fetch(`${url}/${originHash(origin)}/checkpoint`)).status).toBe(503);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);
  } finally {
    ending.abort();
    await run.ended;
    await silent.close();
  }
});

async function until(check: () => boolean): Promise<void> {
  for (const end = performance.now() + 30_000; !check();) {
    if (performance.now() > end) throw new Error('not within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
