// The inspection office's log key is stolen. What the two others say in their own logs decides what an outsider believes of
// a log that is otherwise whole.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleEntries, sampleEntry, sampleLog, writeSampleLog } from '#testing/sample-log';
import { fromUtf8 } from '#tlog/bytes';
import { writeHandover } from '#tlog/handover';
import { formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import type { SigningKey } from '#tlog/key';
import { audit } from './verify';

const office = 'inspection.example.gov.cn/events/v1';
const seedOf = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
const key = (fill: number): SigningKey => signingKey(office, LOG_KEY_TYPE, seedOf(fill));
const [stolen, thiefs, next] = [key(7), key(66), key(8)];

let store: string;
beforeEach(() => void (store = mkdtempSync(join(tmpdir(), 'sanfang-revoked-'))));
afterEach(() => rmSync(store, { recursive: true }));

type Says = { readonly lastGoodSize: number; readonly successor?: SigningKey };
const word = (agency: string, { lastGoodSize, successor }: Says): Uint8Array =>
  sampleEntry(3, {
    type: `${agency}.key-revoked.v1`,
    data: { origin: office, vkey: formatVkey(stolen), lastGoodSize, successor: successor ? formatVkey(successor) : '' },
  });

/** Folder of a peer's log, in which it says this; without words an ordinary log. */
function peer(agency: 'commission' | 'organization', says?: Says): string {
  const folder = join(store, agency);
  const entries = [...sampleEntries(3), ...(says ? [word(agency, says)] : [])];
  writeSampleLog(
    sampleLog(entries, { origin: `${agency}.example.gov.cn/events/v1`, seed: seedOf(agency.length) }),
    folder,
  );
  return folder;
}

/** Folder of the office's log: ten entries, signed by this key; the auditor was given the key that was stolen. */
function officeLog(fill: number, entries: readonly Uint8Array[] = sampleEntries(10), keys?: string): string {
  const folder = join(store, 'office');
  writeSampleLog(sampleLog(entries, { origin: office, seed: seedOf(fill) }), folder);
  writeFileSync(join(folder, 'vkey'), `${formatVkey(stolen)}\n`);
  if (keys !== undefined) writeFileSync(join(folder, 'keys'), keys);
  return folder;
}

async function verdict(...targets: string[]) {
  const notices: string[] = [];
  const result = await audit(targets, { onNotice: (sentence) => void notices.push(sentence) });
  return { result, told: notices.filter((each) => each.includes('一家之言')) };
}

describe('a key that two others have revoked', () => {
  it('makes a log invalid from where it alone has signed', async () => {
    const targets = [officeLog(7), peer('commission', { lastGoodSize: 6 }), peer('organization', { lastGoodSize: 8 })];
    const { result, told } = await verdict(...targets);
    expect(result).toMatchObject({ ok: false, verdict: 'INVALID', origin: office, index: 6, where: 'checkpoint' });
    expect((result as { what: string }).what).toContain('两家机关已声明');
    expect(result.logs).toHaveLength(2);
    expect(told).toEqual([]);
  });

  it('counts for what it signed before', async () => {
    const says = { lastGoodSize: 10 };
    const { result } = await verdict(officeLog(7), peer('commission', says), peer('organization', says));
    expect(result.ok).toBe(true);
  });

  it('hands over to nobody beyond the last good size, as a thief would', async () => {
    const note = writeHandover({ origin: office, from: 7n, until: '2027-01-01T00:00:00Z' }, stolen, thiefs, 1n);
    const announced = sampleEntry(8, { type: 'inspection.key-announced.v1', data: { note: fromUtf8(note) } });
    const thiefsLog = () => officeLog(66, [...sampleEntries(8), announced], fromUtf8(note));
    expect((await verdict(thiefsLog())).result.ok).toBe(true);
    const says = { lastGoodSize: 6 };
    const { result } = await verdict(thiefsLog(), peer('commission', says), peer('organization', says));
    expect(result).toMatchObject({ ok: false, verdict: 'INVALID', origin: office });
  });

  it('is followed by the one that both name, without a word of its own', async () => {
    const says = { lastGoodSize: 6, successor: next };
    const targets = [officeLog(8), peer('commission', says), peer('organization', says)];
    expect((await verdict(...targets)).result.ok).toBe(true);
    const { result } = await verdict(officeLog(8), peer('commission', says), peer('organization', { lastGoodSize: 6 }));
    expect(result).toMatchObject({ ok: false, origin: office });
  });
});

describe('the word of one', () => {
  it('is told and decides nothing', async () => {
    const { result, told } = await verdict(officeLog(7), peer('commission', { lastGoodSize: 6 }), peer('organization'));
    expect(result.ok).toBe(true);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('commission.example.gov.cn');
  });

  it('counts for nothing when it stands in a log that is not whole', async () => {
    const broken = peer('organization', { lastGoodSize: 6 });
    writeFileSync(join(broken, 'checkpoint'), 'nothing\n');
    const { result, told } = await verdict(officeLog(7), peer('commission', { lastGoodSize: 6 }), broken);
    expect(result.logs.map(({ origin }) => origin)).toContain(office);
    expect(told).toHaveLength(1);
  });
});
