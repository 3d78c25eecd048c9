// Three agencies' logs with their witnesses' lines and an issue whose entries lie in all of them: for tests of what is
// made out of several logs.
import { utf8 } from '#tlog/bytes';
import { addSignatures } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { COSIGNER_KEY_TYPE, formatVkey, signingKey } from '#tlog/key';
import type { SigningKey } from '#tlog/key';
import { parseNote } from '#tlog/note';
import type { PassportLog } from '#tlog/passport';
import { inclusionProofs } from '#tlog/prove';
import { sampleEntry, sampleLog, sampleSource } from './sample-log';
import type { SampleLog } from './sample-log';

export const sampleIssue = 'f1-0001';
const hosts = ['commission', 'organization', 'inspection'] as const;
const time = 1_767_139_200n;
const file = { sha256: 'b'.repeat(64), name: '会议记录.pdf', bytes: 10, mediaType: 'application/pdf' };
/** By log: index in it, type, data; all other entries are about nothing. */
const told: Readonly<Record<(typeof hosts)[number], readonly (readonly [number, string, object])[]>> = {
  inspection: [
    [2, 'inspection.issue-registered.v1', { number: '一(一)1', title: '理论学习不够深入', unitName: '县教育局党组' }],
    [7, 'inspection.evidence-attached.v1', { ...file, dated: '2026-03-02', explanation: '' }],
    [259, 'inspection.issue-closed-out.v1', { attempt: 1, verifier: 'commission' }],
  ],
  commission: [[5, 'commission.close-out-accepted.v1', { attempt: 1, method: 'document', note: '' }]],
  organization: [[0, 'organization.sample-noted.v1', { note: '无意见' }]],
};
const sizes = { inspection: 300, commission: 9, organization: 1 };

export interface SampleRegion {
  readonly logs: readonly SampleLog[];
  readonly witnesses: readonly SigningKey[];
  /** Believes these logs and asks for both witnesses of the other agencies. */
  readonly policy: string;
}

export function sampleRegion(): SampleRegion {
  const witnesses = hosts.map((host, n) =>
    signingKey(`${host}.example.gov.cn/witness/v1`, COSIGNER_KEY_TYPE, new Uint8Array(32).fill(40 + n)),
  );
  const logs = hosts.map((host, n) => {
    const origin = `${host}.example.gov.cn/events/v1`;
    const log = sampleLog(entriesOf(host), { origin, seed: new Uint8Array(32).fill(20 + n) });
    const { text, signatures } = parseNote(log.files.get('checkpoint')!);
    const lines = witnesses.filter((_, nth) => nth !== n).map((key) => cosign(text, time, key));
    log.files.set('checkpoint', addSignatures({ text, signatures }, ...lines));
    log.files.set('witness-vkey', utf8(`${formatVkey(witnesses[n]!)}\n`));
    return log;
  });
  const lines = [
    ...logs.map(({ vkey }) => `log ${vkey}`),
    ...witnesses.map((key, n) => `witness ${hosts[n]} ${formatVkey(key)}`),
  ];
  // Of three, each log's own is taken away: two of the two that are left.
  return { logs, witnesses, policy: `${lines.join('\n')}\ngroup all 2 ${hosts.join(' ')}\nquorum all\n` };
}

/** What a passport of the issue is made of. */
export function samplePassportLogs({ logs }: Pick<SampleRegion, 'logs'>): Promise<PassportLog[]> {
  return Promise.all(
    logs.map(async (log, n) => {
      const indexes = told[hosts[n]!].map(([index]) => BigInt(index));
      const proofs = await inclusionProofs(sampleSource(log), log.size, indexes);
      const entries = indexes.map((index, i) => ({ index, bytes: log.entries[Number(index)]!, proof: proofs[i]! }));
      return { note: log.files.get('checkpoint')!, entries };
    }),
  );
}

function entriesOf(host: (typeof hosts)[number]): Uint8Array[] {
  return Array.from({ length: sizes[host] }, (_, n) => {
    const [, type, data] = told[host].find(([index]) => index === n) ?? [];
    const at = new Date(Date.UTC(2026, 2, 2) + n * 60_000).toISOString();
    const actor = { agency: host, id: 'p-1', name: '张某', role: 'clerk' };
    return sampleEntry(n, {
      ...(type === undefined ? {} : { type, data: { issueId: sampleIssue, ...data } }),
      ...{ at, actor, seen: {} },
    });
  });
}
