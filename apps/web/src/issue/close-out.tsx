import type { IssuePage } from '#contracts/answers';
import type { WitnessStatus } from '#contracts/witnesses';
import { dateTime } from '../kit/format';
import { agencyWords, verdictWords } from '../kit/labels';
import { WitnessBadge } from '../kit/witness-badge';
import { verdictWitness } from './records';

type Told = NonNullable<NonNullable<IssuePage['closeOut']>['verdict']>;

export function CloseOut({ issue }: { issue: IssuePage }) {
  const { closeOut } = issue;
  if (closeOut === undefined) return null;
  return (
    <section className="panel" aria-labelledby="close-out-heading">
      <h2 id="close-out-heading">
        销号材料 <span className="sub">第{closeOut.attempt}次申请</span>
      </h2>
      {closeOut.verdict !== undefined && <Verdict verdict={closeOut.verdict} witness={verdictWitness(issue)} />}
      <h3>整改结果</h3>
      <p className="original">{closeOut.result}</p>
      <h3>原因如何消除</h3>
      <p className="original">{closeOut.causeRemoved}</p>
      <h3>举一反三</h3>
      <p className="original">{closeOut.generalisation}</p>
    </section>
  );
}

/** What the competent agency said about this very request: nobody has to piece it together from the time line. */
function Verdict({ verdict, witness }: { verdict: Told; witness: WitnessStatus | undefined }) {
  const { kind, agency, by, at, words } = verdict;
  return (
    <div className={`verdict verdict-${kind}`}>
      <p>
        <b>{verdictWords[kind] ?? kind}</b>
        <span className="sub">
          {' '}
          {agencyWords[agency]} {by} · {dateTime(at)}
        </span>{' '}
        <WitnessBadge status={witness} />
      </p>
      {words !== '' && <p className="original">{words}</p>}
    </div>
  );
}
