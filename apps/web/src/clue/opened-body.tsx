import type { BodyWord, Clue } from '#contracts/clues';

type Props = { readonly body: BodyWord; readonly count: number; readonly clues: readonly Clue[] };

/** The words of a list once they were opened; until then, and after their destruction, what stands in their place. */
export function OpenedBody({ body, count, clues }: Props) {
  return (
    <section className="panel" aria-labelledby="clue-body">
      <h3 id="clue-body">线索内容</h3>
      {body === '已销毁' ? (
        <p className="clue-gone">已销毁</p>
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
      <h4>
        第{number}件 {clue.unitName}
      </h4>
      <p className="facts">
        <span>被反映人 {clue.person}</span>
        <span>职务 {clue.post}</span>
        <span>来源 {clue.source}</span>
      </p>
      <p className="original">{clue.contents}</p>
    </article>
  );
}
