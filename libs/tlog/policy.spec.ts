import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, signingKey } from './key';
import { isEnough, parsePolicy, ruleFor, worthOf } from './policy';

const vkey = (name: string, type: 1 | 4, byte: number) =>
  formatVkey(signingKey(name, type, new Uint8Array(32).fill(byte)));
const origin = 'a.example.gov.cn/events/v1';
const log = vkey(origin, LOG_KEY_TYPE, 1);
const [w1, w2, w3] = [2, 3, 4].map((byte) => vkey(`w${byte}.example.gov.cn/w`, COSIGNER_KEY_TYPE, byte)) as [
  string,
  string,
  string,
];
const three = `witness 甲 ${w1}\nwitness 乙 ${w2} https://w.example\nwitness 丙 ${w3}\n`;

describe('a trust policy', () => {
  it('lists logs and witnesses, with comments, tabs, empty lines and addresses', () => {
    const policy = parsePolicy(`# 三机关\n\n \tlog\t${log}  https://a.example/log\n  # 见证\n${three}quorum none\n`);
    expect(policy.logs.map(({ name }) => name)).toEqual(['a.example.gov.cn/events/v1']);
    expect(policy.witnesses).toHaveLength(3);
    expect(isEnough(policy, origin, new Set())).toBe(true);
  });

  it.each([
    ['any', [w2], true],
    ['any', [], false],
    ['all', [w1, w2], false],
    ['all', [w1, w2, w3], true],
    ['2', [w3], false],
    ['2', [w3, w1], true],
  ])('with %s of three counts %j as enough: %s', (threshold, cosigned, enough) => {
    const policy = parsePolicy(`${three}group 见证组 ${threshold} 甲 乙 丙\nquorum 见证组\n`);
    expect(isEnough(policy, origin, new Set(cosigned))).toBe(enough);
  });

  it('takes groups of groups, and a single witness as quorum', () => {
    const nested = parsePolicy(`${three}group 内 any 甲 乙\ngroup 外 all 内 丙\nquorum 外\n`);
    expect(isEnough(nested, origin, new Set([w1, w2]))).toBe(false);
    expect(isEnough(nested, origin, new Set([w2, w3]))).toBe(true);
    const single = parsePolicy(`${three}quorum 乙\n`);
    expect([isEnough(single, origin, new Set([w1])), isEnough(single, origin, new Set([w2]))]).toEqual([false, true]);
  });

  it('never counts the witness of the log’s own host', () => {
    const own = vkey('a.example.gov.cn/witness/v1', COSIGNER_KEY_TYPE, 9);
    const policy = parsePolicy(
      `witness 甲 ${w1}\nwitness 乙 ${w2}\nwitness 己 ${own}\ngroup 组 2 甲 乙 己\nquorum 组\n`,
    );
    expect(isEnough(policy, origin, new Set([own, w1]))).toBe(false);
    expect(isEnough(policy, origin, new Set([w1, w2]))).toBe(true);
    expect(isEnough(policy, 'b.example/events', new Set([own, w1]))).toBe(true);
    expect(worthOf(ruleFor(policy.rule, policy.witnesses, origin))).toMatchObject({ weak: false });
    expect(worthOf(policy.rule)).toMatchObject({ weak: true });
  });

  it.each([
    ['any', true, '没有一个相同'],
    ['2', true, '只保证有1个相同'],
    ['all', false, '能防2个见证方'],
  ])('says what %s of three is worth', (threshold, weak, words) => {
    const { rule } = parsePolicy(`${three}group g ${threshold} 甲 乙 丙\nquorum g\n`);
    expect(worthOf(rule)).toMatchObject({ weak, sentence: expect.stringContaining(words) });
  });

  it('without any witness needs no quorum line', () => {
    expect(parsePolicy(`log ${log}\n`).quorum).toBe('none');
  });

  it.each([
    ['an unknown word', `lag ${log}\n`, '第 1 行有误:不认识“lag”'],
    ['a bad key', `# x\nlog ${log.slice(0, -1)}\n`, '第 2 行有误:验证公钥无效'],
    ['a witness key as log', `log ${w1}\n`, '须为日志公钥'],
    ['a log key as witness', `witness 甲 ${log}\n`, '须为见证公钥'],
    ['a key twice', `log ${log}\nlog ${log}\n`, '重复'],
    ['a name twice', `${three}group 甲 any 乙\n`, '已被使用'],
    ['the name none', `witness none ${w1}\n`, '已被使用'],
    ['an undefined member', `group g any 甲\n`, '尚未定义'],
    ['an undefined quorum', `quorum g\n`, '尚未定义'],
    ['a member of two groups', `${three}group a any 甲\ngroup b any 甲\n`, '只能入组一次'],
    ['a threshold too high', `${three}group a 4 甲 乙 丙\n`, '超过成员数'],
    ['a threshold of 0', `${three}group a 0 甲\n`, '应为 all、any'],
    ['two quorums', `quorum none\nquorum none\n`, '只能出现一次'],
    ['no quorum', three, '缺少 quorum'],
    ['too few words', 'witness 甲\n', '应为 witness'],
    ['a carriage return', `log ${log}\r\n`, '控制字符'],
  ])('with %s is refused, naming the line', (_what, text, reason) => {
    expect(() => parsePolicy(text)).toThrow(reason);
  });
});
