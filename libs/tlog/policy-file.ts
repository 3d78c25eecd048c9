// Writes the trust policy file that `policy.ts` reads: so whoever is handed a passport can be handed the keys beside it, as
// lines that people compare with paper before they believe them.
import { toHex } from './bytes';
import { formatVkey } from './key';
import type { VerifierKey } from './key';
import type { Policy } from './policy';
import type { Rule } from './quorum';
import { sha256 } from './sha256';

/** SHA-256 of the public key in hex: what people read to each other over the telephone. */
export function fingerprintOf({ publicKey }: Pick<VerifierKey, 'publicKey'>): string {
  return toHex(sha256(publicKey));
}

/**
 * @param remarks lines for people, without line feeds
 * @throws Error for a rule over a witness whose key is not there
 */
export function writePolicy({ logs, witnesses, rule }: Omit<Policy, 'quorum'>, remarks: readonly string[]): string {
  const lines = [
    ...logs.map((key) => `log ${formatVkey(key)}`),
    ...witnesses.map(({ name, key }) => `witness ${name} ${formatVkey(key)}`),
  ];
  const taken = new Set(witnesses.map(({ name }) => name));
  let groups = 0;
  const named = (each: Rule): string => {
    if (each.kind === 'none') return 'none';
    if (each.kind === 'witness') {
      if (!taken.has(each.name)) throw new Error(`no key is known of the witness ${each.name}`);
      return each.name;
    }
    const members = each.members.map(named);
    do groups += 1;
    while (taken.has(`group-${groups}`));
    const name = `group-${groups}`;
    lines.push(`group ${name} ${each.needed} ${members.join(' ')}`);
    return name;
  };
  const quorum = named(rule);
  const comments = remarks.map((line) => `# ${line}`);
  return [...comments, ...lines, `quorum ${quorum}`, ''].join('\n');
}
