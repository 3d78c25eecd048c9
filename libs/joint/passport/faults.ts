// What is wrong with a passport, in Chinese, for the auditor on the command line and for the page that opens without a
// server. The kinds are those of `libs/tlog/passport.ts`, which speaks to programmers.

const words = {
  form: '凭证包不合规定格式',
  key: '未给出该日志的公钥',
  checkpoint: '检查点的签名不能用已知公钥验证',
  witnesses: '见证签名不足',
  inclusion: '条目、序号或证明被改动,与签名的树根不符',
  entry: '条目不合规定格式',
  subject: '条目与本凭证包的问题无关',
  cover: '封面所写与条目不符,封面被改动或由其他版本制作',
} as const;

/** @param what the exact defect, kept where only the library knows it */
export function passportReason(kind: keyof typeof words, what: string): string {
  const exact = kind === 'form' || kind === 'checkpoint' || kind === 'entry' || kind === 'witnesses';
  return exact ? `${words[kind]}(${what})` : words[kind];
}
