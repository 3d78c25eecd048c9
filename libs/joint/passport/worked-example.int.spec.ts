// The example that docs/spec/passport.md prints, byte for byte. Its cover is part of the form: where this test fails
// because a word of the cover was changed, the form needs a new number, since passports that people hold say the old word.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publishedEvents } from '#contracts/events';
import { sampleEntry, sampleLog, sampleSource } from '#testing/sample-log';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { addSignatures } from '#tlog/checkpoint';
import { COSIGNER_KEY_TYPE, formatVkey, signingKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import { checkPassport, makePassport } from '#tlog/passport';
import { parsePolicy } from '#tlog/policy';
import { inclusionProofs } from '#tlog/prove';
import { labelOfType } from '../ledger/event-words';
import { coverOfIssue, issueField } from './cover';

const page = readFileSync(join(__dirname, '../../../docs/spec/passport.md'), 'utf8');
const witness = signingKey('commission.example.gov.cn/witness', COSIGNER_KEY_TYPE, new Uint8Array(32).fill(9));
const evidence = {
  issueId: 'f1-0001',
  sha256: '7'.repeat(64),
  name: '会议记录.pdf',
  bytes: 48_213,
  mediaType: 'application/pdf',
  dated: '2026-02-20',
  explanation: '',
};
const entries = [sampleEntry(0), sampleEntry(1, { type: 'inspection.evidence-attached.v1', data: evidence })];
const log = sampleLog([...entries, sampleEntry(2)], { origin: 'inspection.example.gov.cn/events', witness });

it('the passport of the page is the one that the code makes and accepts', async () => {
  const { text, signatures } = parseNote(log.files.get('checkpoint')!);
  const proofs = await inclusionProofs(sampleSource(log), log.size, [1n]);
  const note = addSignatures({ text, signatures: signatures.toReversed() });
  const part = { note, entries: [{ index: 1n, bytes: entries[1]!, proof: proofs[0]! }] };
  const passport = makePassport({ field: issueField, value: 'f1-0001' }, [part], coverOfIssue);
  expect(page).toContain(`\`\`\`\n${fromUtf8(passport)}\`\`\`\n`);
  const printed = /```\n(sanfang\.passport\/v1\nabout issueId [^]*?)```\n/.exec(page)![1]!;
  const policy = parsePolicy(`log ${log.vkey}\nwitness w ${formatVkey(witness)}\nquorum w\n`);
  expect(checkPassport(utf8(printed), policy, coverOfIssue).entries).toHaveLength(1);
  for (const vkey of [log.vkey, formatVkey(witness)]) expect(page).toContain(vkey);
});

it('the labels of the cover are the ones that the form began with', () => {
  const labels = Object.keys(publishedEvents).map((type) => `${type} ${labelOfType(type)}\n`);
  for (const label of labels) expect(page).toContain(label.trim().replace(/^(\S+) (\S+)$/, '| `$1` | $2 |'));
});
