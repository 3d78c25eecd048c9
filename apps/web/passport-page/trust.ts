// Whom the reader believes: a trust policy file (C2SP tlog-policy), or verifier keys one a line, as he was given them.
import type { VerifierKey } from '#tlog/key';
import { formatVkey, parseVkey } from '#tlog/key';
import { parsePolicy, policyOfKeys } from '#tlog/policy';
import type { Policy } from '#tlog/policy';
import { fingerprintOf } from '#tlog/policy-file';

export type KeyRow = { readonly role: '日志' | '见证方'; readonly name: string; readonly fingerprint: string };

/** @throws Error with a sentence for people */
export function readTrust(given: string): Policy {
  // A paste or a file may come from Windows; no byte of this text is signed.
  const text = given.replace(/\r\n/g, '\n');
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const isPolicy = lines.some((line) => /^\s*(log|witness|group|quorum)\s/.test(line));
  const policy = isPolicy ? parsePolicy(text) : policyOfKeys(keysIn(lines));
  if (policy.logs.length === 0) throw new Error('没有日志的公钥：请给出各机关日志的公钥');
  return policy;
}

/** One key a line; the same line twice is one key. */
function keysIn(lines: readonly string[]): VerifierKey[] {
  const keys = lines.map((line, n) => {
    try {
      return parseVkey(line);
    } catch (cause) {
      throw new Error(`第${n + 1}个公钥无效（${(cause as Error).message}）`);
    }
  });
  return [...new Map(keys.map((key) => [formatVkey(key), key])).values()];
}

export function keyRows({ logs, witnesses }: Policy): KeyRow[] {
  const row = (role: KeyRow['role']) => (key: VerifierKey) => ({
    ...{ role, name: key.name },
    fingerprint: fingerprintOf(key),
  });
  return [...logs.map(row('日志')), ...witnesses.map(({ key }) => row('见证方')(key))];
}
