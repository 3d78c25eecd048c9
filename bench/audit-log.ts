// A log as an agency serves it, with two witnesses' lines and the policy that asks for them. Making a million entries
// takes a minute and every run gives the same bytes, so it is kept in the system's folder for temporary files.
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addSignatures } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { COSIGNER_KEY_TYPE, formatVkey, signingKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import { entryBytes, logOf, origin } from './histories';
import { writeLog } from './log-folder';

export type AuditLog = {
  readonly folder: string;
  readonly policy: string;
  readonly vkey: string;
  readonly meanEntryBytes: number;
};
type Facts = Pick<AuditLog, 'vkey' | 'meanEntryBytes'>;

// Another form of entry or of file makes another log: then this number moves.
const form = 1;

export function auditLog(events: number): AuditLog {
  const folder = join(tmpdir(), `sanfang-bench-audit-${form}-${events}`);
  if (!existsSync(folder)) make(folder, events);
  const facts = JSON.parse(readFileSync(join(folder, 'facts.json'), 'utf8')) as Facts;
  return { ...facts, folder, policy: join(folder, 'policy') };
}

/** Under another name until it is whole. */
function make(folder: string, events: number): void {
  const making = mkdtempSync(`${folder}-making-`);
  try {
    let bytes = 0;
    const vkey = writeLog(
      making,
      origin,
      (function* () {
        let index = 0;
        for (const each of logOf(events)) {
          const entry = entryBytes(each, index++);
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
