// The trust policy file (C2SP tlog-policy, untagged): which logs a reader believes, which witnesses he counts, and how
// many of them are enough. Read strictly, because a line that is skipped in silence is a lock left open.
import { toHex } from './bytes';
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, parseVkey } from './key';
import type { KeyType, VerifierKey } from './key';
import { parseSm2Vkey } from './sm2-key';
import type { Sm2Key } from './sm2-key';
import { satisfies, strengthOf, without } from './quorum';
import type { Rule } from './quorum';

/** A policy file that cannot be followed, with its line. */
export class PolicyFault extends Error {
  override readonly name = 'PolicyFault';
}

export interface PolicyWitness {
  /** As the policy calls it. */
  readonly name: string;
  readonly key: VerifierKey;
  /** Where it answers (C2SP tlog-witness); absent when the file does not say. */
  readonly url?: string;
}

/** A witness of whom no more is known yet than its names, in the rule and of its key. */
export type NamedWitness = { readonly name: string; readonly key: { readonly name: string } };

export interface Policy {
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly PolicyWitness[];
  /** SM2 keys of logs that sign by SM2 as well (docs/spec/gm.md). */
  readonly second?: readonly Sm2Key[];
  /** Over the names of the witnesses. */
  readonly rule: Rule;
  /** Name of the quorum, or `none`. */
  readonly quorum: string;
}

/** Are these witnesses, by verifier key line, enough for the log of this origin? */
export function isEnough({ rule, witnesses }: Policy, origin: string, vkeys: ReadonlySet<string>): boolean {
  const cosigned = new Set(witnesses.filter(({ key }) => vkeys.has(formatVkey(key))).map(({ name }) => name));
  return satisfies(ruleFor(rule, witnesses, origin), (name) => cosigned.has(name));
}

/** What the rule asks of one log: a witness of the same host as the log is the log's own voice and never counts. */
export function ruleFor(rule: Rule, witnesses: readonly NamedWitness[], origin: string): Rule {
  const own = new Set(witnesses.filter(({ key }) => hostOf(key.name) === hostOf(origin)).map(({ name }) => name));
  return without(rule, (name) => own.has(name));
}

/** Keys given one by one say whom to believe, and ask for no witness. */
export function policyOfKeys(keys: readonly VerifierKey[]): Policy {
  const witnesses = keys.filter(({ type }) => type !== LOG_KEY_TYPE).map((key) => ({ name: key.name, key }));
  return { logs: keys.filter(({ type }) => type === LOG_KEY_TYPE), witnesses, rule: { kind: 'none' }, quorum: 'none' };
}

export function hostOf(name: string): string {
  return name.split('/')[0]!;
}

/**
 * What a rule is worth, in one sentence; for one log (see `ruleFor`).
 * @returns `weak` when one witness in league with the log could pass off two histories
 */
export function worthOf(rule: Rule): { readonly weak: boolean; readonly sentence: string } {
  const { witnesses, possible, shared, outages } = strengthOf(rule);
  if (rule.kind === 'none')
    return { weak: true, sentence: '见证规则为不要求见证:日志向各方出示不同内容时不会被发现。' };
  if (!possible) return { weak: true, sentence: `见证规则无法满足:门槛高于${witnesses}个见证方,任何记录都不能定案。` };
  const live = outages === 0 ? '任一见证方停机期间不能定案' : `${outages}个见证方停机时仍能定案`;
  if (shared >= 2) {
    return { weak: false, sentence: `见证规则能防${shared - 1}个见证方与日志串通(2k-n=${shared});${live}。` };
  }
  const why =
    shared === 1
      ? '两组足数的见证方只保证有1个相同,它若与日志串通,就能让两份不同的历史都算通过'
      : '两组足数的见证方可以没有一个相同,日志不必串通任何一方,就能让两份不同的历史都算通过';
  return { weak: true, sentence: `见证规则偏弱:${why}(2k-n=${shared},应不小于2);${live}。请提高门槛。` };
}

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
  private readonly second: Sm2Key[] = [];
  private readonly witnesses: PolicyWitness[] = [];
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
        return this.witness(words[0]!, words[1]!, words[2]);
      case 'sm2':
        demand(words.length === 1, '应为 sm2 <SM2 验证公钥>');
        return this.sm2(words[0]!);
      case 'group':
        demand(words.length >= 3, '应为 group <名称> all|any|<数目> <成员>…');
        return this.group(words[0]!, words[1]!, words.slice(2));
      case 'quorum':
        demand(words.length === 1, '应为 quorum <名称>|none');
        demand(this.quorum === undefined, 'quorum 只能出现一次');
        this.quorum = { name: words[0]!, rule: words[0] === 'none' ? { kind: 'none' } : this.ruleOf(words[0]!) };
        return;
      default:
        throw new Error(`不认识“${keyword}”,只能是 log、sm2、witness、group、quorum 或以 # 开头的注释`);
    }
  }

  finish(): Policy {
    // The specification demands a quorum line; without any witness there is nothing that it could weaken.
    if (!this.quorum && this.witnesses.length > 0) {
      throw new PolicyFault('策略文件缺少 quorum 行:请写明 quorum <名称>,不要求见证时写 quorum none');
    }
    const { name, rule } = this.quorum ?? { name: 'none', rule: { kind: 'none' } as const };
    const { logs, second, witnesses } = this;
    return { logs, ...(second.length > 0 && { second }), witnesses, quorum: name, rule };
  }

  private sm2(vkey: string): void {
    let key: Sm2Key;
    try {
      key = parseSm2Vkey(vkey);
    } catch (cause) {
      throw new Error(`SM2 验证公钥无效(${(cause as Error).message})`, { cause });
    }
    demand(
      this.logs.some(({ name }) => name === key.name),
      `须先写 ${key.name} 的 log 行`,
    );
    demand(!this.second.some(({ name }) => name === key.name), `${key.name} 的 SM2 公钥重复`);
    this.second.push(key);
  }

  private witness(name: string, vkey: string, url: string | undefined): void {
    const key = keyOf(
      vkey,
      COSIGNER_KEY_TYPE,
      this.witnesses.map((witness) => witness.key),
    );
    this.define(name, { kind: 'witness', name });
    this.witnesses.push({ name, key, ...(url !== undefined && { url }) });
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
    this.define(name, { kind: 'group', needed, members: rules });
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
