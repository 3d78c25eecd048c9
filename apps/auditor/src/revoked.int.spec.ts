// A thief has the office's log key and signs on; two peers have said so in their own logs. Whoever reads all three learns it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleEntry, sampleLog, writeSampleLog } from '#testing/sample-log';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { signCheckpoint } from '#tlog/checkpoint';
import { writeHandover } from '#tlog/handover';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import type { SigningKey } from '#tlog/key';
import { dataOf } from '#tlog/revocations';
import type { Word } from '#tlog/revocations';
import { runAuditor } from './command';
import { audit } from './verify';

type Peer = Word['by'];
const originOf = (agency: Peer) => `${agency}.example.gov.cn/events/v1`;
const origin = originOf('inspection');
const [stolen, thiefs, next] = [7, 66, 8].map((fill) =>
  signingKey(origin, LOG_KEY_TYPE, new Uint8Array(32).fill(fill)),
) as [SigningKey, SigningKey, SigningKey];
const good = 3;
const issueId = 'f1-0001';

let folder: string;
let notices: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sanfang-revoked-'));
  notices = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The log of an agency that says this of others' keys, between other things. */
function speaking(agency: Peer, ...words: Partial<Word>[]): string {
  const entries = words.map((change, n) => {
    const word = { origin, vkey: formatVkey(stolen), lastGoodSize: BigInt(good), successor: '', ...change };
    return sampleEntry(n + 1, { type: `${agency}.key-revoked.v1`, data: dataOf(word) });
  });
  const place = join(folder, agency);
  rmSync(place, { recursive: true, force: true });
  writeSampleLog(
    sampleLog([sampleEntry(0), ...entries, sampleEntry(90)], { origin: originOf(agency), seed: seedOf(agency) }),
    place,
  );
  return place;
}
const seedOf = (agency: Peer) => new Uint8Array(32).fill(agency === 'commission' ? 21 : 22);

/** The office's log, 5 entries long, with the last one announcing who follows, if anybody does. */
function office(by: SigningKey, follows?: SigningKey): string {
  const note =
    follows && writeHandover({ origin, from: BigInt(good), until: '2026-05-01T00:00:00Z' }, stolen, follows, 1n);
  const said = { type: 'inspection.key-announced.v1', data: { note: note ? fromUtf8(note) : '' } };
  const entries = [0, 1, 2, 3].map((n) => sampleEntry(n, { data: { issueId, n } }));
  const log = sampleLog([...entries, sampleEntry(4, note ? said : {})], { origin });
  const place = join(folder, 'inspection');
  const size = log.size;
  log.files.set('checkpoint', signCheckpoint({ origin, size, root: log.root }, by));
  log.files.set('vkey', utf8(`${formatVkey(by)}\n`));
  if (note) log.files.set('keys', note);
  writeSampleLog(log, place);
  return place;
}
const policy = () => {
  const given = [
    stolen,
    ...(['commission', 'organization'] as const).map((each) => {
      return signingKey(originOf(each), LOG_KEY_TYPE, seedOf(each));
    }),
  ];
  writeFileSync(join(folder, 'policy'), given.map((key) => `log ${formatVkey(key)}\n`).join(''));
  return join(folder, 'policy');
};
const audited = (places: string[], by?: string) =>
  audit(places, { ...(by !== undefined && { policy: by }), onNotice: (text) => notices.push(text) });
const refused = { verdict: 'INVALID', origin, index: good, where: 'checkpoint' };
const alone = () => notices.filter((text) => text.includes('声明'));

describe('an audit that reads what peers say of a key', () => {
  it('finds the first entry that a key which two have revoked signed alone, in whatever order it reads', async () => {
    const places = [office(stolen), speaking('commission', {}), speaking('organization', {})];
    for (const each of [places, [...places].reverse()]) {
      for (const by of [undefined, policy()]) {
        const result = await audited(each, by);
        expect(result).toMatchObject(refused);
        expect(result.logs.map((log) => log.origin)).toEqual(expect.not.arrayContaining([origin]));
        expect(result.logs).toHaveLength(2);
      }
    }
    expect(alone()).toEqual([]);
  });

  it('tells of one agency’s word and goes by two', async () => {
    const places = [office(stolen), speaking('commission', {}), speaking('organization')];
    expect(await audited(places)).toMatchObject({ verdict: 'WHOLE' });
    expect(alone()).toEqual([expect.stringContaining(`纪委监委在其日志中声明 ${origin} 的公钥已为他人所知,从第 3 条`)]);
  });

  it('goes by the last word of each, and by no word about a log that ended in time', async () => {
    const places = [office(stolen), speaking('commission', {}, { lastGoodSize: 5n }), speaking('organization', {})];
    expect(await audited(places)).toMatchObject(refused);
    const later = speaking('organization', {}, { lastGoodSize: 5n });
    expect(await audited([places[0]!, places[1]!, later])).toMatchObject({ verdict: 'WHOLE' });
    expect(alone()).toEqual([]);
  });

  it('hears no word of an agency in another agency’s log', async () => {
    const forged = sampleEntry(1, {
      type: 'organization.key-revoked.v1',
      data: dataOf({ origin, vkey: formatVkey(stolen), lastGoodSize: 3n, successor: '' }),
    });
    const log = sampleLog([forged], { origin: originOf('organization').replace('organization', 'commission') });
    writeSampleLog(log, join(folder, 'forged'));
    expect(await audited([office(stolen), join(folder, 'forged')])).toMatchObject({ verdict: 'WHOLE' });
    expect(alone()).toEqual([]);
  });

  it('follows the successor that both have named', async () => {
    const word = { successor: formatVkey(next) };
    const places = [office(next, next), speaking('commission', word), speaking('organization', word)];
    for (const by of [undefined, policy()]) expect(await audited(places, by)).toMatchObject({ verdict: 'WHOLE' });
    const apart = [places[0]!, places[1]!, speaking('organization', { successor: formatVkey(thiefs) })];
    for (const by of [undefined, policy()]) expect(await audited(apart, by)).toMatchObject(refused);
  });

  it('is not led on by a handover that the thief wrote and announced', async () => {
    const places = [office(thiefs, thiefs), speaking('commission', {}), speaking('organization', {})];
    for (const by of [undefined, policy()]) expect(await audited(places, by)).toMatchObject(refused);
    expect(await audited(places.slice(0, 1))).toMatchObject({ verdict: 'WHOLE' });
  });

  it('does not take a key on first use when the words are about others than it leads to', async () => {
    const places = [office(thiefs), speaking('commission', {}), speaking('organization', {})];
    expect(await audited(places)).toMatchObject(refused);
  });

  it('does so whatever is asked: a passport, a replay, an issue’s why', async () => {
    const places = [office(stolen), speaking('commission', {}), speaking('organization', {})];
    const commands = [
      ['verify', ...places],
      ['passport', ...places, '--issue', issueId, '--out', join(folder, 'passport')],
      ['replay', ...places],
      ['why', issueId, ...places],
    ];
    for (const argv of commands) {
      let err = '';
      const terminal = { out: () => undefined, err: (text: string) => void (err += text), isTerminal: false };
      expect([argv[0], await runAuditor(argv, terminal)]).toEqual([argv[0], 1]);
      expect([argv[0], err]).toEqual([argv[0], expect.stringContaining('已吊销公钥')]);
    }
  });
});
