// What an agency finds damaged in what it keeps: which copy, where, and what its people can do. Several copies of the
// same thing are kept, so a finding names the one that is wrong, not the first two that differ.
import type { SelfFault } from '#contracts/self-check';

/** In the order in which they are checked. */
export const parts = ['events', 'entries', 'files', 'checkpoints', 'journal', 'inbox', 'evidence', 'views'] as const;
export type Part = (typeof parts)[number];

export type Finding = {
  readonly fault: SelfFault;
  /** Of the entry in its log, or of the event in the journal; absent when it is not at one. */
  readonly index?: bigint;
  /** Path of a file, SHA-256 of an evidence file, name of a read model. */
  readonly name?: string;
  /** Of the peer's log of which the copy is damaged; absent = the own log. */
  readonly origin?: string;
  /** In English, with what was expected. */
  readonly what: string;
};

type Told = { readonly part: Part; readonly zh: string; readonly en: string };

const heals = {
  zh: '服务运行时的巡检会用其余副本自动修复；若反复出现，请检查磁盘和内存。',
  en: 'The scrub of the running service heals it from the other copies; if it comes back, check disk and memory.',
};
const tampered = {
  zh: '请保全现场，查明何人改动；用该时刻之前的备份恢复数据库到最后时刻，不要手工改回。',
  en: 'Keep everything as it is and find who changed it; recover the database to its last moment from a backup.',
};
const unproven = {
  zh: '停止写入，从备份恢复数据库到最后时刻，或用 npm run recover 从其他机关的副本取回本机关日志。',
  en: 'Stop writing; recover the database to its last moment, or fetch the own log from a peer: npm run recover.',
};
const again = {
  zh: '下次启动时按签名重新写出；若仍不符，请核对密钥目录。',
  en: 'The next start writes it again from what was signed; if it stays, check the keys folder.',
};

const told: Readonly<Record<SelfFault, Told>> = {
  event: { part: 'events', ...tampered },
  entry: { part: 'events', ...tampered },
  noEvent: { part: 'events', ...tampered },
  otherEvent: { part: 'events', ...tampered },
  leftOut: { part: 'events', ...tampered },
  missing: { part: 'entries', ...heals },
  row: { part: 'entries', ...heals },
  hash: { part: 'entries', ...heals },
  root: { part: 'entries', ...unproven },
  tile: { part: 'files', ...heals },
  bundle: { part: 'files', ...heals },
  bundleEnd: { part: 'files', ...heals },
  upperTile: { part: 'files', ...heals },
  earlierFile: { part: 'files', ...heals },
  checkpoint: { part: 'checkpoints', ...tampered },
  shown: { part: 'checkpoints', ...again },
  journalEvent: { part: 'journal', ...tampered },
  journalRow: { part: 'journal', ...tampered },
  journalHead: { part: 'journal', ...tampered },
  head: {
    part: 'entries',
    zh: '请保全现场，查明何人改动；服务启动时会拒绝签名，用该时刻之前的备份恢复数据库到最后时刻。',
    en: 'Find who changed it; the service refuses to sign. Recover the database to its last moment from a backup.',
  },
  cosigned: {
    part: 'checkpoints',
    zh: '请保全现场并停止服务，会同出具该见证签名的机关核对日志：两者之一被改写，不要再签名。',
    en: 'Keep everything, stop the service, and compare with the agency of that witness: one of the two was rewritten.',
  },
  peerRoot: {
    part: 'inbox',
    zh: '先停止服务并备份，再请该机关与另一机关核对其日志；副本须重新取得。',
    en: 'Stop the service and back up; compare that log with its agency and the third one; the copy must be fetched anew.',
  },
  evidence: {
    part: 'evidence',
    zh: '移走该文件，从备份或持有它的机关取回同名文件放回原处。',
    en: 'Move the file away and put back the file of that name from a backup or from the agency that has it.',
  },
  view: {
    part: 'views',
    zh: '已用事件重新推算的结果替换；请查明何人改动了表，或升级时漏升了视图版本。',
    en: 'The rebuilt rows are live now; find who changed the table, or which change of code kept the version.',
  },
};

/** A damaged copy of a peer's log belongs to the inbox, whatever is wrong with it. */
export function partOf({ fault, origin }: Finding): Part {
  return origin === undefined ? told[fault].part : 'inbox';
}

export function remedyOf({ fault }: Finding): { readonly zh: string; readonly en: string } {
  const { zh, en } = told[fault];
  return { zh, en };
}

/** Where it is, for a line of text: index and name, the peer's origin first. */
export function placeOf({ index, name, origin }: Finding): string {
  return [origin, index === undefined ? undefined : `#${index}`, name].filter((word) => word !== undefined).join(' ');
}
