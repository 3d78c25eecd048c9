// The histories of joint-logs as three real logs that know of one another: each entry says what its author had seen of the
// others, and an answer names the entry that it answers. For tests of what an outsider makes out of three logs.
import { canonicalBytes } from '#kernel/canonical-json';
import type { JsonObject } from '#kernel/canonical-json';
import { agencies } from '#kernel/envelope';
import type { Agency, Basis, Entry, Published } from '#kernel/envelope';
import { toHex, utf8 } from '#tlog/bytes';
import { addSignatures } from '#tlog/checkpoint';
import { cosign } from '#tlog/cosignature';
import { COSIGNER_KEY_TYPE, formatVkey, signingKey } from '#tlog/key';
import { leafHash } from '#tlog/merkle';
import { parseNote } from '#tlog/note';
import type { Logs } from './joint-logs';
import { sampleLog } from './sample-log';
import type { SampleLog } from './sample-log';

export const originOf = (agency: Agency): string => `${agency}.example/events/v1`;
export const witnessOf = (agency: Agency) =>
  signingKey(`${agency}.example/witness/v1`, COSIGNER_KEY_TYPE, new Uint8Array(32).fill(60 + agencies.indexOf(agency)));

export interface ToldOptions {
  /** Changes an entry before it is written, such as to what its author pretends. */
  readonly change?: (entry: Entry, agency: Agency) => Entry;
  /** How many entries of each log there are; undefined: all. */
  readonly sizes?: Partial<Readonly<Record<Agency, number>>>;
}

/** Actions that answer an entry of another log, with the action that they answer. */
const answers: readonly (readonly [RegExp, RegExp])[] = [
  [/\.close-out-received\.v1$/, /^inspection\.close-out-requested\.v1$/],
  [/^inspection\.issue-closed-out\.v1$/, /\.close-out-accepted\.v1$/],
  [/^inspection\.issue-substantially-done\.v1$/, /\.close-out-accepted-as-substantially-done\.v1$/],
  [/^inspection\.close-out-returned\.v1$/, /^(commission|organization)\.close-out-returned\.v1$/],
];

export function toldRegion(
  logs: Logs,
  { change = (entry) => entry, sizes = {} }: ToldOptions = {},
): Map<Agency, SampleLog> {
  const written: Record<Agency, { readonly event: Published; readonly bytes: Uint8Array }[]> = {
    ...{ commission: [], organization: [], inspection: [] },
  };
  const addressOf = (agency: Agency, index: number): Basis => {
    return { origin: originOf(agency), index, hash: toHex(leafHash(written[agency][index]!.bytes)) };
  };
  const inTime = agencies.flatMap((agency) => logs[agency]).sort((a, b) => (a.at < b.at ? -1 : 1));
  for (const event of inTime) {
    const { agency, id, type, stream, at, actor, data } = event;
    const others = agencies.filter((each) => each !== agency);
    const seen = Object.fromEntries(others.map((each) => [originOf(each), written[each].length]));
    const cause = causeOf(event, others, written, addressOf);
    const entry: Entry = {
      ...{ v: 1, id, type, stream, revision: written[agency].length, at, actor, seen, commit: '0'.repeat(64) },
      data: cause && 'basis' in data ? ({ ...data, basis: cause } as JsonObject) : data,
      ...(cause && { cause }),
    };
    written[agency].push({ event, bytes: canonicalBytes(change(entry, agency)) });
  }
  return new Map(
    agencies.map((agency, n) => {
      const entries = written[agency].slice(0, sizes[agency]).map(({ bytes }) => bytes);
      const log = sampleLog(entries, { origin: originOf(agency), seed: new Uint8Array(32).fill(50 + n) });
      log.files.set('witness-vkey', utf8(`${formatVkey(witnessOf(agency))}\n`));
      return [agency, log];
    }),
  );
}

/** The checkpoint of a log, with lines of witnesses at a time in POSIX seconds. */
export function cosignedNote(log: SampleLog, time: number, ...by: readonly Agency[]): Uint8Array {
  const { text, signatures } = parseNote(log.files.get('checkpoint')!);
  return addSignatures({ text, signatures }, ...by.map((agency) => cosign(text, BigInt(time), witnessOf(agency))));
}

function causeOf(
  { type, data }: Published,
  others: readonly Agency[],
  written: Readonly<Record<Agency, readonly { readonly event: Published }[]>>,
  addressOf: (agency: Agency, index: number) => Basis,
): Basis | undefined {
  const answered = answers.find(([own]) => own.test(type))?.[1];
  if (!answered) return undefined;
  for (const agency of others) {
    const isIt = ({ event }: { readonly event: Published }) =>
      answered.test(event.type) && event.data['issueId'] === data['issueId'];
    const index = written[agency].findLastIndex(isIt);
    if (index >= 0) return addressOf(agency, index);
  }
  return undefined;
}
