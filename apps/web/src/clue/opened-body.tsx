import type { Clue, ClueList } from '#contracts/clues';

type Props = {
  readonly list: Pick<ClueList, 'body' | 'count' | 'opensInLogs'>;
  readonly clues: readonly Clue[];
};

/** The words of a list once they were opened; until then, and after their destruction, what stands in their place. */
export function OpenedBody({ list: { body, count, opensInLogs }, clues }: Props) {
  return (
    <section className="panel" aria-labelledby="clue-body">
      <h2 id="clue-body">线索内容</h2>
      {body === '已销毁' ? (
        <>
          <p className="clue-gone">已销毁</p>
          {opensInLogs && (
            <p className="sub">
              共享日志中的密文不能删除；可打开它的旧密封密钥，待其他机关都改用新公钥后由系统自动销毁。
            </p>
          )}
        </>
      ) : clues.length === 0 ? (
        <p className="sub">密封保存，共{count}件。启封须写明事由，启封人和事由都有记录。</p>
      ) : (
        clues.map((clue, n) => <One key={clue.clueId} clue={clue} number={n + 1} />)
      )}
    </section>
  );
}

function One({ clue, number }: { clue: Clue; number: number }) {
  return (
    <article className="clue">
      <h3>
        第{number}件 {clue.unitName}
      </h3>
      <p className="facts">
        <span>被反映人 {clue.person}</span>
        <span>职务 {clue.post}</span>
        <span>来源 {clue.source}</span>
      </p>
      <p className="original">{clue.contents}</p>
    </article>
  );
}
