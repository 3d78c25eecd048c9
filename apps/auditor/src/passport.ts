// Passports on the command line: one issue's entries out of whole, verified logs into one file, and the check of such a
// file with nothing but the keys that the reader has from elsewhere.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { coverOfIssue, evidenceIn, issueField } from '#joint/passport/cover';
import { passportReason } from '#joint/passport/faults';
import type { JsonObject } from '#kernel/canonical-json';
import { fromUtf8 } from '#tlog/bytes';
import { formatVkey, parseVkey } from '#tlog/key';
import { BadFile } from '#tlog/log-reader';
import { MAX_NOTE_SIZE } from '#tlog/note';
import { openCheckpoint } from '#tlog/checkpoint';
import { checkPassport, makePassport, MAX_PASSPORT_SIZE, PassportFault } from '#tlog/passport';
import type { PassportLog } from '#tlog/passport';
import { hostOf, isEnough, policyOfKeys } from '#tlog/policy';
import type { Policy } from '#tlog/policy';
import { inclusionProofs } from '#tlog/prove';
import { weighed } from './revoked';
import type { Read } from './revoked';
import { AuditFault, trustedOnFirstUse } from './sentences';
import type { Finding } from './sentences';
import { BadTarget, placeOf } from './sources';
import type { LogPlace } from './sources';
import { findingOf, keyOf, readPolicy, trustOf, verifyByPolicy } from './verify';
import type { AuditOptions, Trust } from './verify';
import { witnessKeysBeside } from './witnesses';

export type PassportMade =
  | {
      readonly ok: true;
      readonly verdict: 'WHOLE';
      readonly issue: string;
      readonly entries: number;
      readonly logs: number;
      readonly file: string;
    }
  | ({ readonly ok: false } & Finding);

export type PassportVerdict =
  | {
      readonly ok: true;
      readonly verdict: 'WHOLE';
      readonly issue: string;
      readonly entries: readonly { readonly origin: string; readonly index: number; readonly type: string }[];
      readonly logs: readonly {
        readonly origin: string;
        readonly size: number;
        readonly witnesses: readonly string[];
        readonly strangers: number;
      }[];
      readonly evidence: readonly { readonly name: string; readonly sha256: string }[];
    }
  | ({ readonly ok: false } & Finding);

/**
 * Writes the passport of an issue out of logs named by URL prefix or folder, each verified as a whole first.
 * @throws PolicyFault or BadTarget for wrong usage; everything else is in the result
 */
export async function issuePassport(
  targets: readonly string[],
  issue: string,
  file: string,
  options: AuditOptions = {},
): Promise<PassportMade> {
  if (!/^[\w.-]{1,64}$/.test(issue)) throw new BadTarget(`“${issue}”不是问题编号(字母、数字、点、连字符,至多 64 个)`);
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy);
  const places: LogPlace[] = [];
  const parts: PassportLog[] = [];
  const read: Read[] = [];
  const firstUse: string[] = [];
  for (const target of targets) {
    try {
      places.push(await placeOf(target, options.patience));
    } catch (error) {
      return { ok: false, ...findingOf(error, target) };
    }
  }
  const trust = policy ? trustOf(policy) : { policy, witnesses: await witnessKeysBeside(places) };
  for (const place of places) {
    try {
      parts.push(await partOf(place, issue, trust, firstUse, read));
    } catch (error) {
      return { ok: false, ...findingOf(error, place.name) };
    }
  }
  if (firstUse.length > 0) options.onNotice?.(trustedOnFirstUse(firstUse));
  const by = await weighed(read, !policy);
  for (const notice of by.notices) options.onNotice?.(notice);
  const [revoked] = by.faults;
  if (revoked) return { ok: false, ...revoked };
  const entries = parts.reduce((sum, part) => sum + part.entries.length, 0);
  const logs = parts.filter((part) => part.entries.length > 0);
  if (entries === 0) {
    const what = `没有关于问题 ${issue} 的记录`;
    return { ok: false, verdict: 'INVALID', origin: targets.join('、'), what, reason: `no entries about ${issue}` };
  }
  const bytes = makePassport({ field: issueField, value: issue }, logs, coverOfIssue);
  await writeFile(file, bytes, { flush: true }).catch((cause: unknown) => {
    throw new BadTarget(`无法写入 ${file}(${(cause as NodeJS.ErrnoException).code})`, { cause });
  });
  return { ok: true, verdict: 'WHOLE', issue, entries, logs: logs.length, file };
}

async function partOf(
  place: LogPlace,
  issue: string,
  trust: Trust,
  firstUse: string[],
  read: Read[],
): Promise<PassportLog> {
  const key = await keyOf(place, trust.policy);
  if (!trust.policy) firstUse.push(key.name);
  // Read before the log, which may grow meanwhile and then still contains it.
  const beside = await besideOf(place);
  const found: { index: bigint; bytes: Uint8Array }[] = [];
  const onEntry = (entry: Uint8Array, index: bigint) => {
    const { data } = JSON.parse(fromUtf8(entry)) as { data: JsonObject };
    if (data[issueField] === issue) found.push({ index, bytes: entry.slice() });
  };
  const log = await verifyByPolicy(place, key, trust, { onEntry });
  read.push({ place, key, log });
  const counts = (note: Uint8Array) => {
    const { size, cosignatures } = openCheckpoint(note, key, trust.witnesses);
    const others = cosignatures.filter((line) => hostOf(line.key.name) !== hostOf(log.origin));
    return { note, size, lines: others.length, vkeys: new Set(others.map((line) => formatVkey(line.key))) };
  };
  const needed = (found.at(-1)?.index ?? -1n) + 1n;
  const notes = [log.note, ...(beside ? [beside] : [])].map(counts).filter(({ size }) => size >= needed);
  // Of those that hold all the entries, the one with more witnesses.
  const best = notes.reduce((one, other) => (other.lines > one.lines ? other : one));
  if (found.length > 0 && trust.policy && !isEnough(trust.policy, log.origin, best.vkeys)) {
    const what = `尚待见证(策略要求 ${trust.policy.quorum}),请稍后再出具`;
    throw new AuditFault({ origin: log.origin, index: Number(needed - 1n), what });
  }
  const proofs = await inclusionProofs(
    place,
    best.size,
    found.map(({ index }) => index),
  );
  return { note: best.note, entries: found.map((entry, n) => ({ ...entry, proof: proofs[n]! })) };
}

async function besideOf(place: LogPlace): Promise<Uint8Array | undefined> {
  try {
    return await place.read('cosigned', MAX_NOTE_SIZE);
  } catch (error) {
    // Whether it is sound is judged with the log.
    if (error instanceof BadFile) return undefined;
    throw error;
  }
}

/** Does the target name a file rather than a log? */
export async function isFile(target: string): Promise<boolean> {
  const found = await stat(target).catch(() => undefined);
  return found?.isFile() === true;
}

/**
 * Checks a passport offline, by the keys of a policy file or of `vkeys`.
 * @throws PolicyFault or BadTarget for wrong usage
 */
export async function verifyPassport(
  file: string,
  { policy, vkeys = [] }: { readonly policy?: string; readonly vkeys?: readonly string[] },
): Promise<PassportVerdict> {
  if (policy === undefined && vkeys.length === 0) {
    throw new BadTarget('请用 --policy 或 --vkey 给出各日志的公钥,凭证包自带的不可信');
  }
  const trusted = policy === undefined ? policyOf(vkeys) : await readPolicy(policy);
  const { size } = await stat(file);
  if (size > MAX_PASSPORT_SIZE) {
    return { ok: false, verdict: 'INVALID', origin: file, what: passportReason('form', '文件过大') };
  }
  try {
    const { subject, entries, logs } = checkPassport(await readFile(file), trusted, coverOfIssue);
    if (subject.field !== issueField) throw new PassportFault('form', `the subject is no ${issueField}`);
    return {
      ok: true,
      verdict: 'WHOLE',
      issue: subject.value,
      entries: entries.map(({ origin, index, entry }) => ({
        origin,
        index: Number(index),
        type: String(entry['type']),
      })),
      logs: logs.map(({ checkpoint: { origin, size: treeSize, cosignatures }, strangers }) => {
        const others = cosignatures.filter((line) => hostOf(line.key.name) !== hostOf(origin));
        return { origin, size: Number(treeSize), witnesses: others.map((line) => line.key.name), strangers };
      }),
      evidence: evidenceIn(entries),
    };
  } catch (error) {
    if (!(error instanceof PassportFault)) throw error;
    const { origin = file, index } = error.at;
    const place = index === undefined ? {} : { index: Number(index) };
    return { ok: false, verdict: 'INVALID', origin, ...place, what: passportReason(error.kind, error.what) };
  }
}

/** Believes these keys and asks for no witness. @throws BadTarget */
export function policyOf(vkeys: readonly string[]): Policy {
  const keys = vkeys.map((vkey) => {
    try {
      return parseVkey(vkey);
    } catch (cause) {
      throw new BadTarget(`--vkey 不是有效的验证公钥(${(cause as Error).message})`, { cause });
    }
  });
  return policyOfKeys(keys);
}
