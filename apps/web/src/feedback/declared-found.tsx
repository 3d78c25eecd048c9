import type { FeedbackPage } from '#contracts/answers';
import { declaredWords } from '../kit/labels';

type Props = { readonly feedback: FeedbackPage; readonly count: number };

/** What the text itself declares against what was found in it. A difference is shown, never smoothed over. */
export function DeclaredFound({ feedback, count }: Props) {
  const { declaredIssues, declared, notes, state } = feedback;
  // The line above says it already, with the count as it stands after editing.
  const told = notes.filter((note) => !note.startsWith(`文中称有${declaredIssues ?? ''}个问题`));
  const others = Object.entries(declared).filter(([name]) => name !== 'issues');
  const differs = declaredIssues !== undefined && declaredIssues !== count;
  return (
    <section className="declared" aria-label="声明与找到">
      <p className={differs ? 'declared-line differs' : 'declared-line'}>
        {declaredIssues === undefined
          ? `原文没有写问题总数，找到${count}条。`
          : `声明${declaredIssues}条，找到${count}条。`}
        {differs && state === 'editing' && <span> 请对照原文补齐或删减；确有差异的，冻结时写明原因。</span>}
      </p>
      {told.length > 0 && (
        <ul className="notes">
          {told.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <dl className="declared-figures">
          {others.map(([name, figure]) => (
            <div key={name}>
              <dt>{declaredWords[name] ?? name}</dt>
              <dd>{figure}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
