import type { BodyWord } from '#contracts/clues';

const meanings: Readonly<Record<BodyWord, string>> = {
  密封: '内容加密保存，启封须写明事由',
  已销毁: '内容已由两人办理销毁，不能恢复',
};

/** What stands where the words of a list are, or were. */
export function BodyBadge({ body }: { body: BodyWord }) {
  return (
    <span className={body === '已销毁' ? 'body-badge body-gone' : 'body-badge'} title={meanings[body]}>
      {body}
    </span>
  );
}
