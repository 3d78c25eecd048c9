import { coverOfIssue, issueField } from '#joint/passport/cover';
import { sampleIssue, samplePassportLogs, sampleRegion } from '#testing/sample-region';
import { fromUtf8, utf8 } from '#tlog/bytes';
import { formatVkey } from '#tlog/key';
import { makePassport } from '#tlog/passport';
import { keyRows, readTrust } from './trust';
import { judge, meaning } from './verdict';

const region = sampleRegion();
const [commission, , inspection] = region.logs.map(({ origin }) => origin);
const policy = readTrust(region.policy);
let bytes: Uint8Array;
let text: string;
beforeAll(async () => {
  bytes = makePassport({ field: issueField, value: sampleIssue }, await samplePassportLogs(region), coverOfIssue);
  text = fromUtf8(bytes);
});
const changed = (from: string, to: string) => judge(utf8(text.replace(from, to)), policy, true);

describe('what the page says of a passport', () => {
  it('is one sentence with the time, the parties and whose keys, and never more than was checked', () => {
    const { state, sentence, cover, logs } = judge(bytes, policy, true);
    expect({ state, sentence }).toEqual({
      state: 'ok',
      sentence: '关于问题f1-0001的5条记录自2025-12-31 08:00起未被改动，已由三方共同见证（公钥已由核验人核对）。',
    });
    expect(cover[1]).toBe('问题 f1-0001：一(一)1 理论学习不够深入（县教育局党组）');
    expect(logs.map(({ size, indexes }) => [size, indexes])).toEqual([
      ['9', ['5']],
      ['300', ['2', '7', '259']],
      ['1', ['0']],
    ]);
    expect(meaning.join('')).toContain('不能说明收录齐全');
  });

  it('is no more than half a yes while nobody has compared the keys', () => {
    const { state, sentence, remedy } = judge(bytes, policy, false);
    expect([state, sentence]).toEqual([
      'partial',
      '按所给公钥，关于问题f1-0001的5条记录自2025-12-31 08:00起未被改动，已由三方共同见证；但公钥还没有与各机关核对。',
    ]);
    expect(remedy).toContain('电话或纸面');
  });

  it('names the witnesses that are missing: with the logs’ keys alone nobody else stands by it', () => {
    const alone = readTrust(region.logs.map(({ vkey }) => vkey).join('\r\n'));
    const { state, sentence, logs } = judge(bytes, alone, true);
    expect([state, sentence]).toEqual([
      'partial',
      '按所给公钥，关于问题f1-0001的5条记录未被改动；但没有所给公钥的见证签名，只有日志自己的签名。',
    ]);
    expect(logs.map(({ strangers }) => strangers)).toEqual([2, 2, 2]);
    const one = readTrust([...region.logs.map(({ vkey }) => vkey), formatVkey(region.witnesses[0]!)].join('\n'));
    // The commission's own witness does not stand by the commission's log.
    expect(judge(bytes, one, true).sentence).toContain('没有所给公钥的见证签名');
  });

  it('counts the parties of the log that has the fewest', () => {
    const vkeys = [...region.logs.map(({ vkey }) => vkey), ...region.witnesses.slice(0, 2).map(formatVkey)];
    expect(judge(bytes, readTrust(vkeys.join('\n')), true).sentence).toContain('已由两方共同见证');
  });

  it('says at which entry what was changed, and what to do', () => {
    expect(changed('理论学习不够深入"', '理论学习十分深入"')).toMatchObject({
      state: 'failed',
      sentence: `发现不符：日志${inspection}第2条（序号从0起）：条目、序号或证明被改动,与签名的树根不符。`,
      remedy: expect.stringContaining('请勿使用这份文件'),
      exact: `${inspection} entry 2: the entry is not what stands in the log at this index`,
      cover: [],
    });
    expect(changed('# 问题 f1-0001', '# 问题 f1-0002').sentence).toContain('封面所写与条目不符');
    expect(changed('about issueId f1-0001', 'about noteId f1-0001').state).toBe('failed');
    expect(changed('sanfang.passport/v1', 'sanfang.passport/v2').exact).toContain('the first line must be');
  });

  it('does not call a file forged because a key is missing', () => {
    const [first] = region.logs;
    expect(judge(bytes, readTrust(first!.vkey), true)).toMatchObject({
      state: 'partial',
      sentence: `还不能核验：日志${inspection}第2条（序号从0起）：未给出该日志的公钥。`,
    });
  });
});

describe('whom the reader believes', () => {
  it('is a policy file, or keys one a line, each with its fingerprint', () => {
    const rows = keyRows(policy);
    expect(rows.map(({ role }) => role)).toEqual(['日志', '日志', '日志', '见证方', '见证方', '见证方']);
    expect(rows[0]).toMatchObject({ name: commission, fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const { vkey } = region.logs[0]!;
    expect(readTrust(`# 纸面\n\n${vkey}\n${vkey}\n`).logs).toHaveLength(1);
  });

  it.each([
    ['nothing but witnesses', () => formatVkey(region.witnesses[0]!), '没有日志的公钥'],
    ['a damaged key', () => `${region.logs[0]!.vkey}\n${region.logs[1]!.vkey.replace('A', 'B')}`, '第2个公钥无效'],
    ['a policy with a line nobody knows', () => `${region.policy}believe everybody\n`, '不认识“believe”'],
    ['a policy without its quorum', () => region.policy.replace('quorum all\n', ''), '缺少 quorum 行'],
  ])('is refused where it is %s', (_, given, why) => {
    expect(() => readTrust(given())).toThrow(why);
  });
});
