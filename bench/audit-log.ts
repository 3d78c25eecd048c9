// A log as an agency serves it, with two witnesses' lines and the policy that asks for them. Making a million entries
// takes a minute and every run gives the same bytes, so it is kept in the system's folder for temporary files.
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addSignatures } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { COSIGNER_KEY_TYPE, formatVkey, signingKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import { entryBytes, historyOf, logOf, origin } from './histories';
import { writeLog } from './log-folder';

export type AuditLog = {
  readonly folder: string;
  readonly policy: string;
  readonly vkey: string;
  readonly meanEntryBytes: number;
};
type Facts = Pick<AuditLog, 'vkey' | 'meanEntryBytes'>;

// Another form of entry or of file makes another log: then this number moves.
const form = 2;

/** @param entryBytes mean size of an entry. @throws Error when no log has it */
export function auditLog(events: number, entryBytes: number, gm = false): AuditLog {
  const folder = join(tmpdir(), `sanfang-bench-audit-${form}-${events}-${entryBytes}${gm ? '-gm' : ''}`);
  if (!existsSync(folder)) make(folder, events, { share: shareFor(entryBytes, gm), gm });
  const facts = JSON.parse(readFileSync(join(folder, 'facts.json'), 'utf8')) as Facts;
  return { ...facts, folder, policy: join(folder, 'policy') };
}

const sample = 2_000;
const meanOf = (share: number, gm: boolean): number => {
  let [bytes, count] = [0, 0];
  for (let n = 0; n < sample; n++)
    for (const each of historyOf(n, Infinity, share)) bytes += entryBytes(each, count++, gm).length;
  return bytes / count;
};

/** How much people write, of their usual, when entries have that mean size; the envelope and the facts stay. */
function shareFor(wanted: number, gm: boolean): number {
  let [least, most] = [0, 1];
  const [floor, ceiling] = [meanOf(least, gm), meanOf(most, gm)].map(Math.round) as [number, number];
  if (wanted < floor || wanted > ceiling)
    throw new Error(`entries of ${wanted} bytes on average cannot be made, only of ${floor} to ${ceiling}`);
  for (let step = 0; step < 12; step++) {
    const middle = (least + most) / 2;
    if (meanOf(middle, gm) < wanted) least = middle;
    else most = middle;
  }
  return most;
}

/** Under another name until it is whole. */
function make(folder: string, events: number, { share, gm }: { share: number; gm: boolean }): void {
  const making = mkdtempSync(`${folder}-making-`);
  try {
    let bytes = 0;
    const vkey = writeLog(
      making,
      origin,
      (function* () {
        let index = 0;
        for (const each of logOf(events, share)) {
          const entry = entryBytes(each, index++, gm);
          bytes += entry.length;
          yield entry;
        }
      })(),
    );
    const witnesses = ['commission', 'organization'].map((agency, n) =>
      signingKey(`${agency}.example/witness/v1`, COSIGNER_KEY_TYPE, new Uint8Array(32).fill(20 + n)),
    );
    const note = parseNote(readFileSync(join(making, 'checkpoint')));
    const lines = witnesses.map((key) => cosign(note.text, 1_767_139_200n, key));
    writeFileSync(join(making, 'cosigned'), addSignatures(note, ...lines));
    const policy = [
      `log ${vkey}`,
      ...witnesses.map((key, n) => `witness w${n} ${formatVkey(key)}`),
      'group both all w0 w1',
      'quorum both',
    ];
    writeFileSync(join(making, 'policy'), `${policy.join('\n')}\n`);
    const facts: Facts = { vkey, meanEntryBytes: Math.round(bytes / events) };
    writeFileSync(join(making, 'facts.json'), JSON.stringify(facts));
    renameSync(making, folder);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}
