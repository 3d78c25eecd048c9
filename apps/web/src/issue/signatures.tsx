import type { IssuePage } from '#contracts/answers';
import { dateTime } from '../kit/format';
import { WitnessBadge } from '../kit/witness-badge';
import { witnessAt } from './records';

/** Signatures stand in the order of the rule; the first outstanding one is whose turn it is. */
export function Signatures({ issue }: { issue: IssuePage }) {
  const { signatures, closeOut, timeline } = issue;
  const witnessOf = (at: string) => witnessAt(timeline, 'inspection.close-out-signed.v1', at);
  if (signatures.length === 0) return null;
  // The first signature is given by preparing the request; before that it is nobody's turn to sign.
  const started = signatures.some(({ who }) => who !== '');
  const turn = started ? signatures.find(({ who }) => who === '')?.step : undefined;
  return (
    <section className="panel" aria-labelledby="signatures-heading">
      <h2 id="signatures-heading">
        签字 {closeOut !== undefined && <span className="sub">第{closeOut.attempt}次申请</span>}
      </h2>
      <ol className="signatures">
        {signatures.map(({ step, roleLabel, who, at }) => (
          <li key={step} className={who === '' ? 'outstanding' : 'signed'}>
            <span className="signature-role">{roleLabel}</span>
            {who === '' ? (
              <span>{step === turn ? '轮到签字' : '待签'}</span>
            ) : (
              <span>
                {who} <span aria-hidden="true">√</span>
                <span className="unseen">已签字</span> <span className="sub">{dateTime(at)}</span>{' '}
                <WitnessBadge status={witnessOf(at)} />
              </span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
