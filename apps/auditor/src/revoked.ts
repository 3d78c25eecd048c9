// What the audited logs say of one another's keys: words of two others take a key out of use from a size on, and then a log
// that this key alone has signed beyond it is not its owner's any more (docs/spec/keys.md section 4).
import { fromUtf8 } from '#tlog/bytes';
import type { Revocation } from '#tlog/handover';
import { formatVkey } from '#tlog/key';
import { revocationsOf, wordOf } from '#tlog/revocation';
import type { Word } from '#tlog/revocation';
import type { Finding } from './sentences';

const revocation = Buffer.from('.key-revoked.v1"');

/** Looks for words among the entries that are read anyway. @param origin of the log in which they stand */
export function wordsIn(origin: string): { readonly take: (entry: Uint8Array) => void; readonly words: Word[] } {
  const words: Word[] = [];
  const take = (entry: Uint8Array): void => {
    if (!Buffer.from(entry.buffer, entry.byteOffset, entry.length).includes(revocation)) return;
    const { type, data } = JSON.parse(fromUtf8(entry)) as { type: string; data?: unknown };
    const word = /^[a-z]+\.key-revoked\.v1$/.test(type) ? wordOf(origin, data) : undefined;
    if (word) words.push(word);
  };
  return { take, words };
}

/** An auditor has no word of his own: it takes two of the logs that were found whole. */
export function revokedIn(words: readonly Word[], origin: string): Revocation[] {
  return revocationsOf(
    words.filter((word) => word.origin === origin),
    origin,
    undefined,
  );
}

/** The same finding, with where the revoked key begins to stand alone. */
export function afterRevocation(finding: Finding, revocations: readonly Revocation[]): Finding {
  const [revoked] = revocations.filter(({ key }) => finding.what.includes(formatVkey(key)));
  if (!revoked || finding.where !== 'checkpoint') return finding;
  const what = `两家机关已声明公钥 ${formatVkey(revoked.key)} 泄露,从这一条起只有它签名,不可采信`;
  const reason = `two agencies have revoked ${formatVkey(revoked.key)}; from here on it alone has signed`;
  return { ...finding, index: Number(revoked.lastGoodSize), what, reason };
}

/** Words that do not count, so that people hear of them. */
export function unheeded(words: readonly Word[], origin: string, counted: readonly Revocation[]): string[] {
  const heeded = new Set(counted.map(({ key }) => formatVkey(key)));
  return words
    .filter((word) => word.origin === origin && word.by !== origin && !heeded.has(word.vkey))
    .map(
      ({ by, vkey, lastGoodSize }) =>
        `注意:日志 ${by} 声明 ${origin} 的公钥 ${vkey} 自第 ${lastGoodSize} 条起不可采信。` +
        '这是一家之言,未据此判定;请向该机关核实。',
    );
}
