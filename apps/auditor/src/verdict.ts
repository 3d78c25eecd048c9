// What an outsider may conclude, in four words that all commands share, each with its exit code.

/** From the best to the gravest. */
export const verdicts = ['WHOLE', 'PARTIAL', 'INVALID', 'DIVERGED'] as const;
export type Verdict = (typeof verdicts)[number];
/** What a single finding can be. */
export type Flaw = Exclude<Verdict, 'WHOLE'>;

/** 2 is wrong usage, which is no verdict. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;
export const exitCodes: Readonly<Record<Verdict, ExitCode>> = { WHOLE: 0, INVALID: 1, PARTIAL: 3, DIVERGED: 4 };

const words: Readonly<Record<Verdict, string>> = {
  WHOLE: '完整',
  PARTIAL: '不全',
  INVALID: '无效',
  DIVERGED: '分叉',
};
const meanings: Readonly<Record<Verdict, readonly [string, string]>> = {
  WHOLE: ['全部读到,全部核验无误', 'all was read, and all of it verifies'],
  PARTIAL: ['读到的无误,但有些没有读到或无法判断', 'what was read verifies, but some could not be read or judged'],
  INVALID: ['有内容不能通过核验', 'something does not verify'],
  DIVERGED: [
    '两份各自成立的内容互相矛盾,其中一份是分叉',
    'two things that each verify contradict one another: one is a fork',
  ],
};

/** The gravest of them; WHOLE when there is none. */
export function gravest(all: readonly Verdict[]): Verdict {
  return all.reduce((one, other) => (verdicts.indexOf(other) > verdicts.indexOf(one) ? other : one), 'WHOLE');
}

/** The verdict for people: one Chinese and one English sentence, a line each. */
export function verdictSentences(
  verdict: Verdict,
  details: { readonly zh?: string; readonly en?: string } = {},
): string {
  const [zh, en] = meanings[verdict];
  const more = (text: string | undefined, before: string) => (text === undefined ? '' : `${before}${text}`);
  return `结论:${words[verdict]}。${zh}${more(details.zh, ':')}。\n${verdict}: ${en}${more(details.en, ': ')}.\n`;
}
