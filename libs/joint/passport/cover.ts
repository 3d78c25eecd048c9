// The cover of an issue's passport: what people read before they hand the file to a program. It is made from the proven
// entries alone, so the check makes it again and compares: change a word here and passports of the same form no longer
// hold, which is why a changed word needs a new form (docs/spec/passport.md).
import type { JsonObject } from '#kernel/canonical-json';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { agencyNames } from '#contracts/agencies';
import { civilMinuteOf } from '../civil-time';
import { labelOfType } from '../ledger/event-words';

/** The field of `data` by which an entry says which issue it is about. */
export const issueField = 'issueId';

type CoverEntry = {
  readonly origin: string;
  readonly index: bigint;
  readonly size: bigint;
  readonly entry: JsonObject;
};

export function coverOfIssue({ value }: { readonly value: string }, entries: readonly CoverEntry[]): string[] {
  const inTime = [...entries].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  return [
    '三方整改凭证包',
    `问题 ${value}${aboutOf(inTime)}`,
    `共收录 ${entries.length} 条记录：`,
    ...logLines(entries),
    '经过（北京时间）：',
    ...inTime.map(
      ({ origin, index, entry }) => `  ${minuteOf(entry)} ${whoOf(entry)} ${whatOf(entry)}（${origin} 第 ${index} 条）`,
    ),
    ...evidenceLines(inTime),
    '能证明：所列各条确在所列日志的所列位置，由该机关签名，此后未被改动。',
    '不能证明：收录齐全、所写属实。是否齐全须核验各机关的整份日志。',
    '核验：npm run audit -- verify <本文件> --policy <策略文件>',
  ];
}

function keyOf({ origin, index, entry }: CoverEntry): string {
  return `${textOf(entry['at'])} ${origin} ${String(index).padStart(20, '0')}`;
}

function aboutOf(inTime: readonly CoverEntry[]): string {
  const found = inTime.find(({ entry }) => entry['type'] === 'inspection.issue-registered.v1');
  if (!found) return '';
  const data = found.entry['data'] as JsonObject;
  return `：${textOf(data['number'])} ${textOf(data['title'])}（${textOf(data['unitName'])}）`;
}

function logLines(entries: readonly CoverEntry[]): string[] {
  const origins = [...new Set(entries.map(({ origin }) => origin))];
  return origins.map((origin) => {
    const own = entries.filter((entry) => entry.origin === origin);
    return `  ${origin}，共 ${own[0]!.size} 条，收录第 ${own.map(({ index }) => index).join('、')} 条（序号从 0 起）`;
  });
}

function evidenceLines(inTime: readonly CoverEntry[]): string[] {
  const files = evidenceIn(inTime).map(({ name, sha256 }) => `  ${name} SHA-256 ${sha256}`);
  return files.length === 0 ? [] : ['佐证材料（文件另存，按指纹核对）：', ...files];
}

/** Evidence files that the entries name, each hash once. */
export function evidenceIn(entries: readonly Pick<CoverEntry, 'entry'>[]): { name: string; sha256: string }[] {
  const files = new Map<string, string>();
  for (const { entry } of entries) {
    const data = entry['data'] as JsonObject;
    if (entry['type'] === 'inspection.evidence-attached.v1') files.set(textOf(data['sha256']), textOf(data['name']));
  }
  return [...files].map(([sha256, name]) => ({ name, sha256 }));
}

function minuteOf(entry: JsonObject): string {
  const at = textOf(entry['at']);
  return Number.isNaN(Date.parse(at)) ? at : civilMinuteOf(at);
}

function whoOf(entry: JsonObject): string {
  const actor = entry['actor'] as JsonObject;
  const agency = agencies.find((each) => each === actor['agency']) as Agency | undefined;
  const name = actor['role'] === 'system' ? '系统' : textOf(actor['name']);
  return `${agency ? agencyNames[agency] : textOf(actor['agency'])} ${name}`;
}

function whatOf(entry: JsonObject): string {
  const type = textOf(entry['type']);
  const name = (entry['data'] as JsonObject)['name'];
  return `${labelOfType(type) ?? type}${typeof name === 'string' ? ` ${textOf(name)}` : ''}`;
}

/** One line of text whatever stands in the entry: nothing may break the line or turn its direction. */
function textOf(value: unknown): string {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return text.replace(/[\s\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}
