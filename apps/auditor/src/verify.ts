// An audit of one or more logs, for the command line and for programs that want its result. It trusts only the keys
// that it is given; where it has to take a key from the log itself it says so.
import { readFile } from 'node:fs/promises';
import { fromUtf8, toBase64 } from '#tlog/bytes';
import type { OpenCheckpoint } from '#tlog/checkpoint';
import { formatVkey, parseVkey } from '#tlog/key';
import type { VerifierKey } from '#tlog/key';
import { BadFile, LogFault, verifyLog } from '#tlog/log-reader';
import type { LogSource, VerifiedLog, VerifyOptions } from '#tlog/log-reader';
import { parseNote } from '#tlog/note';
import type { Note } from '#tlog/note';
import { parsePolicy, PolicyFault } from '#tlog/policy';
import type { Policy } from '#tlog/policy';
import type { Word } from '#tlog/revocations';
import { changedEarlierFile } from './earlier-files';
import { judges } from './judges';
import { keptWitnessed } from './kept-checkpoints';
import { demandPrefix } from './prefix';
import { demandSecond, demandSm3, withSecond } from './second-line';
import type { Finding, WholeLog } from './sentences';
import { AuditFault, reasonOf, selfCheckSentence, trustedOnFirstUse } from './sentences';
import { placeOf, Unreachable } from './sources';
import type { LogPlace, Patience } from './sources';
import { metIds } from './spilled-marks';
import { gravest } from './verdict';
import { checkpointBeside, confirmedBy, witnessKeysBeside } from './witnesses';
import type { Confirmed } from './witnesses';
import { weighed } from './revoked';
import type { Read } from './revoked';
import { saidOfKeys, withSuccessors } from './successors';

export type AuditResult =
  | { readonly ok: true; readonly verdict: 'WHOLE'; readonly logs: readonly WholeLog[] }
  /** Origin, index and so on of the first of the gravest; all of them in `faults`, and what was whole in `logs`. */
  | ({ readonly ok: false; readonly faults: readonly Finding[]; readonly logs: readonly WholeLog[] } & Finding);

export interface AuditOptions {
  /** Path of a trust policy file; without one the keys come from the logs themselves. */
  readonly policy?: string;
  /** Receives the warning that keys were taken from the logs. */
  readonly onNotice?: (sentence: string) => void;
  readonly onProgress?: (place: string, done: bigint, size: bigint) => void;
  readonly patience?: Patience;
}

const VKEY_LIMIT = 4_096;
const SELF_CHECK_LIMIT = 65_536;
// The agency compares all of its events with its log while we wait.
const SELF_CHECK_TIMEOUT = 120_000;

/**
 * Audits logs named by URL prefix or folder; all of them, also after a fault.
 * @throws PolicyFault or BadTarget for wrong usage; everything else is in the result
 */
export async function audit(targets: readonly string[], options: AuditOptions = {}): Promise<AuditResult> {
  const policy = options.policy === undefined ? undefined : await readPolicy(options.policy);
  const read: (Read & { readonly whole: WholeLog })[] = [];
  const faults: Finding[] = [];
  const firstUse: string[] = [];
  const trust = policy ? trustOf(policy) : { policy, witnesses: await witnessesOf(targets, options) };
  for (const target of targets) {
    try {
      read.push(await auditOne(target, trust, options, firstUse));
    } catch (error) {
      faults.push(findingOf(error, target));
    }
  }
  if (firstUse.length > 0) options.onNotice?.(trustedOnFirstUse(firstUse));
  const by = await weighed(read, !policy);
  for (const notice of by.notices) options.onNotice?.(notice);
  faults.push(...by.faults);
  const fallen = new Set(by.faults.map(({ origin }) => origin));
  const logs = read.map(({ whole }) => whole).filter(({ origin }) => !fallen.has(origin));
  const worst = gravestOf(faults);
  return worst ? { ok: false, ...worst, faults, logs } : { ok: true, verdict: 'WHOLE', logs };
}

/** The first of the gravest. */
export function gravestOf(faults: readonly Finding[]): Finding | undefined {
  const verdict = gravest(faults.map((fault) => fault.verdict));
  return faults.find((fault) => fault.verdict === verdict);
}

/** Reads a policy file. Throws PolicyFault, also when the file cannot be read. */
export async function readPolicy(path: string): Promise<Policy> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new PolicyFault(`无法读取策略文件 ${path}(${(cause as NodeJS.ErrnoException).code})`, { cause });
  });
  return parsePolicy(bytes.toString('utf8'));
}

/** The key that a log must be signed with, from the policy, else from the log's own `vkey` file; and its successors. */
export async function keyOf(place: LogPlace, policy: Policy | undefined): Promise<VerifierKey> {
  return withSecond(place, await withSuccessors(place, await trustedKey(place, policy)), policy);
}

/** The key alone, as it was given. */
export async function trustedKey(place: LogPlace, policy: Policy | undefined): Promise<VerifierKey> {
  if (!policy) return ownKey(place);
  const note = await noteOf(place);
  const origin = note.text.split('\n')[0]!;
  const named = policy.logs.filter((key) => key.name === origin);
  const signing = named.find((key) => note.signatures.some(({ keyId }) => Buffer.from(keyId).equals(key.keyId)));
  const key = signing ?? named[0];
  if (!key)
    throw new AuditFault({ origin, what: `策略文件没有列出 ${place.name} 的日志 ${origin}`, where: 'checkpoint' });
  return key;
}

export type Trust = { readonly policy: Policy | undefined; readonly witnesses: readonly VerifierKey[] };

/** Believes the policy's witnesses, and without a policy none. */
export function trustOf(policy: Policy | undefined): Trust {
  return { policy, witnesses: policy?.witnesses.map(({ key }) => key) ?? [] };
}

export type ByPolicy = VerifiedLog & {
  readonly confirmed: Confirmed;
  readonly cosigned?: OpenCheckpoint;
  /** What its agency says in it of others' keys. */
  readonly words: readonly Word[];
};

/** Verifies a log and that enough witnesses of the policy cosigned it, or the checkpoint that lies beside it. */
export async function verifyByPolicy(
  source: LogSource & Partial<Pick<LogPlace, 'read'>>,
  key: VerifierKey,
  { policy, witnesses }: Trust,
  more: Partial<VerifyOptions> = {},
): Promise<ByPolicy> {
  // Read first: a log that grows meanwhile then still contains it.
  const cosigned = source.read && (await checkpointBeside(source as LogPlace, 'cosigned', key, witnesses));
  const past = cosigned && { past: { size: cosigned.size, root: cosigned.root } };
  const cosigners = witnesses.map(formatVkey);
  const said = saidOfKeys(key, more.onEntry);
  const log = await verifyLog(source, {
    judge: judges.judge,
    ids: metIds,
    ...past,
    ...more,
    onEntry: (entry, index) => {
      demandSm3(key.name, entry, index);
      said.take(entry, index);
    },
    vkey: key,
    cosigners,
  });
  said.demandAll();
  demandSecond(key, log.checkpoint);
  if (cosigned && more.past) await demandPrefix(source, cosigned, log.checkpoint, 'cosigned');
  const confirmed = confirmedBy(log.origin, [log.checkpoint, ...(cosigned ? [cosigned] : [])], policy);
  return { ...log, confirmed, words: said.words, ...(cosigned && { cosigned }) };
}

/** What stands beside the logs; a place that cannot be read is told when its log is audited. */
export async function witnessesOf(targets: readonly string[], { patience }: AuditOptions): Promise<VerifierKey[]> {
  const places = await Promise.all(targets.map((target) => placeOf(target, patience).catch(() => undefined)));
  return witnessKeysBeside(places.filter((place) => place !== undefined));
}

/** What an error means for the audit; usage errors and bugs are thrown on. */
export function findingOf(error: unknown, target: string): Finding {
  if (error instanceof AuditFault) return error.finding;
  if (error instanceof Unreachable) return unread(target, error);
  if (!(error instanceof LogFault)) throw error;
  const { origin, index, where, what: reason } = error;
  const verdict = error.kind === 'rewritten' ? 'DIVERGED' : 'INVALID';
  const at = index === undefined ? {} : { index: Number(index) };
  return { verdict, origin, ...at, what: reasonOf(error), reason, where };
}

async function auditOne(
  target: string,
  trust: Trust,
  { onProgress, patience }: AuditOptions,
  firstUse: string[],
): Promise<Read & { readonly whole: WholeLog }> {
  const place = await placeOf(target, patience);
  const key = await keyOf(place, trust.policy);
  if (!trust.policy) firstUse.push(key.name);
  const progress = (done: bigint, size: bigint) => onProgress?.(place.name, done, size);
  try {
    const log = await verifyByPolicy(place, key, trust, { onProgress: progress });
    const { origin, size, root, entries, confirmed } = log;
    await keptWitnessed(place, key, trust.witnesses, log.checkpoint);
    const changed = await changedEarlierFile(place, size);
    if (changed) throw new AuditFault({ origin, ...changed });
    const selfCheck = place.isUrl ? await askSelfCheck(place, origin) : 'absent';
    const { by: witnesses, size: witnessedSize } = confirmed;
    const whole = { origin, size: Number(size), root: toBase64(root), entries: Number(entries) };
    const second = key.second && { second: key.second.vkey };
    return { place, key, log, whole: { ...whole, selfCheck, witnesses, witnessedSize, ...second } };
  } catch (error) {
    // From here on the origin is known, so an interrupted audit names it too.
    if (!(error instanceof Unreachable)) throw error;
    throw new AuditFault(unread(key.name, error));
  }
}

function unread(origin: string, { message: what }: Unreachable): Finding {
  return { verdict: 'PARTIAL', origin, what, reason: 'it could not be read' };
}

async function askSelfCheck(place: LogPlace, origin: string): Promise<'ok' | 'absent'> {
  const where = 'self-check';
  const bytes = await smallFile(place, origin, where, SELF_CHECK_LIMIT, SELF_CHECK_TIMEOUT);
  if (!bytes) return 'absent';
  const answer = selfCheckOf(bytes);
  if (answer === undefined) throw new AuditFault({ origin, what: '机关自查的回答无法辨认', where });
  if (answer.ok) return 'ok';
  const index = Number.isSafeInteger(answer.index) ? { index: answer.index as number } : {};
  const what = selfCheckSentence(answer);
  throw new AuditFault({ origin, ...index, what, where });
}

function selfCheckOf(
  bytes: Uint8Array,
): { ok: boolean; index?: unknown; fault?: unknown; origin?: unknown } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined;
  }
  const isAnswer = typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';
  return isAnswer ? (value as { ok: boolean }) : undefined;
}

async function ownKey(place: LogPlace): Promise<VerifierKey> {
  const where = 'vkey';
  const bytes = await smallFile(place, place.name, where, VKEY_LIMIT);
  if (!bytes) {
    throw new AuditFault({
      origin: place.name,
      what: '没有验证公钥:请用 --policy 指定,或在日志旁放置 vkey 文件',
      where,
    });
  }
  try {
    return parseVkey(fromUtf8(bytes));
  } catch (error) {
    throw new AuditFault({ origin: place.name, what: `验证公钥无效(${(error as Error).message})`, where });
  }
}

async function noteOf(place: LogPlace): Promise<Note> {
  try {
    return parseNote(await place.checkpoint());
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    const what = `检查点缺失或格式不合(${(error as Error).message})`;
    throw new AuditFault({ origin: place.name, what, where: 'checkpoint' });
  }
}

async function smallFile(place: LogPlace, origin: string, where: string, limit: number, patience?: number) {
  try {
    return await place.read(where, limit, patience);
  } catch (error) {
    if (error instanceof BadFile) throw new AuditFault({ origin, what: `文件过大,上限 ${limit} 字节`, where });
    throw error;
  }
}
