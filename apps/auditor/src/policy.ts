// The trust policy file (C2SP tlog-policy, untagged): which logs a reader believes, which witnesses he counts, and how
// many of them are enough. Read strictly, because a line that is skipped in silence is a lock left open.
import { toHex } from '#tlog/bytes';
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, parseVkey } from '#tlog/key';
import type { KeyType, VerifierKey } from '#tlog/key';

/** A policy file that cannot be followed, with its line. */
export class PolicyFault extends Error {
  override readonly name = 'PolicyFault';
}

export interface Policy {
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
  /** Are these witnesses, by verifier key line, enough? */
  satisfied(vkeys: ReadonlySet<string>): boolean;
  /** Name of the quorum, or `none`. */
  readonly quorum: string;
}

type Rule = (vkeys: ReadonlySet<string>) => boolean;

/** Throws PolicyFault naming the line. */
export function parsePolicy(text: string): Policy {
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) throw new PolicyFault('策略文件含有控制字符(行尾只能是 LF)');
  const reading = new PolicyReading();
  text.split('\n').forEach((line, i) => {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    if (words.length === 0 || words[0]!.startsWith('#')) return;
    try {
      reading.take(words);
    } catch (cause) {
      throw new PolicyFault(`策略文件第 ${i + 1} 行有误:${(cause as Error).message}`, { cause });
    }
  });
  return reading.finish();
}

class PolicyReading {
  private readonly logs: VerifierKey[] = [];
  private readonly witnesses: VerifierKey[] = [];
  private readonly rules = new Map<string, Rule>();
  private readonly members = new Set<string>();
  private quorum: { name: string; rule: Rule } | undefined;

  take([keyword, ...words]: string[]): void {
    switch (keyword) {
      case 'log':
        demand(words.length === 1 || words.length === 2, '应为 log <验证公钥> [网址]');
        this.logs.push(keyOf(words[0]!, LOG_KEY_TYPE, this.logs));
        return;
      case 'witness':
        demand(words.length === 2 || words.length === 3, '应为 witness <名称> <验证公钥> [网址]');
        return this.witness(words[0]!, words[1]!);
      case 'group':
        demand(words.length >= 3, '应为 group <名称> all|any|<数目> <成员>…');
        return this.group(words[0]!, words[1]!, words.slice(2));
      case 'quorum':
        demand(words.length === 1, '应为 quorum <名称>|none');
        demand(this.quorum === undefined, 'quorum 只能出现一次');
        this.quorum = { name: words[0]!, rule: words[0] === 'none' ? () => true : this.ruleOf(words[0]!) };
        return;
      default:
        throw new Error(`不认识“${keyword}”,只能是 log、witness、group、quorum 或以 # 开头的注释`);
    }
  }

  finish(): Policy {
    // The specification demands a quorum line; without any witness there is nothing that it could weaken.
    if (!this.quorum && this.witnesses.length > 0) {
      throw new PolicyFault('策略文件缺少 quorum 行:请写明 quorum <名称>,不要求见证时写 quorum none');
    }
    const { name, rule } = this.quorum ?? { name: 'none', rule: () => true };
    return { logs: this.logs, witnesses: this.witnesses, quorum: name, satisfied: rule };
  }

  private witness(name: string, vkey: string): void {
    const key = keyOf(vkey, COSIGNER_KEY_TYPE, this.witnesses);
    this.witnesses.push(key);
    this.define(name, (vkeys) => vkeys.has(formatVkey(key)));
  }

  private group(name: string, threshold: string, members: string[]): void {
    const rules = members.map((member) => this.ruleOf(member));
    for (const member of members) {
      demand(!this.members.has(member), `${member} 已是某组成员,每个名称只能入组一次`);
      this.members.add(member);
    }
    const needed = threshold === 'all' ? rules.length : threshold === 'any' ? 1 : Number(threshold);
    demand(/^(all|any|[1-9]\d{0,3})$/.test(threshold), `门槛“${threshold}”应为 all、any 或正整数`);
    demand(needed <= rules.length, `门槛 ${needed} 超过成员数 ${rules.length}`);
    this.define(name, (vkeys) => rules.filter((rule) => rule(vkeys)).length >= needed);
  }

  private define(name: string, rule: Rule): void {
    demand(name !== 'none' && !this.rules.has(name), `名称 ${name} 已被使用`);
    this.rules.set(name, rule);
  }

  private ruleOf(name: string): Rule {
    const rule = this.rules.get(name);
    if (!rule) throw new Error(`名称 ${name} 尚未定义,须先写 witness 或 group 行`);
    return rule;
  }
}

function keyOf(vkey: string, type: KeyType, listed: readonly VerifierKey[]): VerifierKey {
  let key: VerifierKey;
  try {
    key = parseVkey(vkey);
  } catch (cause) {
    throw new Error(`验证公钥无效(${(cause as Error).message})`, { cause });
  }
  demand(key.type === type, type === LOG_KEY_TYPE ? '须为日志公钥(类型 1)' : '须为见证公钥(类型 4)');
  const isListed = listed.some((other) => toHex(other.publicKey) === toHex(key.publicKey));
  demand(!isListed, `公钥 ${key.name} 重复`);
  return key;
}

function demand(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}
