import type { Action, RoundLine } from '#contracts/answers';
import { paths } from '#contracts/api';
import { useState } from 'react';
import { Link } from 'react-router';
import { ActionButton } from '../kit/action-button';
import { opennessOf, type Openness } from '../kit/actions';
import { FormDrawer } from '../kit/form-drawer';
import { tierWords } from '../kit/labels';
import { ledgerPath } from '../ledger/ledger-query';
import { useMay } from '../session/session';
import { Receipts } from './receipts';
import { closeRoundSpec, enrolSpec } from './round-specs';
import { termWords } from './term';

type Props = { readonly round: RoundLine; readonly actions: readonly Action[] };
type Asking = 'enrol' | 'close' | undefined;

export function RoundCard({ round, actions }: Props) {
  const [asking, setAsking] = useState<Asking>();
  const headingId = `round-${round.roundId}`;
  return (
    <section className="panel" aria-labelledby={headingId}>
      <h2 id={headingId}>
        {round.name} {round.closed && <span className="chip">已结束</span>}
      </h2>
      <p className="facts">
        <span>{round.term}</span>
        <span>{round.year}年</span>
        <span>{tierWords[round.tier as keyof typeof tierWords] ?? round.tier}</span>
        <Link to={ledgerPath({ round: round.roundId })}>问题台账</Link>
      </p>
      <Rules round={round} />
      <h3>被巡视单位 {round.organisations.length}</h3>
      {round.organisations.length === 0 ? (
        <p className="sub">还没有纳入单位。</p>
      ) : (
        <ul className="units">
          {round.organisations.map(({ unitId, unitName }) => (
            <li key={unitId}>{unitName}</li>
          ))}
        </ul>
      )}
      <h3>其他机构的签收</h3>
      <Receipts receipts={round.receipts} />
      <Buttons round={round} actions={actions} onAsk={setAsking} />
      {asking !== undefined && (
        <FormDrawer
          spec={asking === 'enrol' ? enrolSpec : closeRoundSpec}
          path={asking === 'enrol' ? paths.organisations(round.roundId) : paths.closeRound(round.roundId)}
          recordId={round.roundId}
          onClose={() => setAsking(undefined)}
        />
      )}
    </section>
  );
}

function Rules({ round }: { round: RoundLine }) {
  const { name, source, terms } = round.ruleSet;
  return (
    <p>
      {name}：认领{termWords(terms.claim)}，方案{termWords(terms.plan)}，立行立改{termWords(terms.immediate)}，集中整改
      {termWords(terms.rectify)} <span className="sub">依据：{source}</span>
    </p>
  );
}

function Buttons({ round, actions, onAsk }: Props & { onAsk: (asking: Asking) => void }) {
  const may = useMay();
  if (!may('round.EnrolOrganisation') && !may('round.CloseRound')) return null;
  const over: Openness = { open: false, why: '这一轮已经结束。' };
  const openness = (names: string[]) => (round.closed ? over : opennessOf(actions, names, true));
  return (
    <div className="actions actions-row">
      <ActionButton
        label="纳入单位"
        openness={openness(['enrolOrganisation', 'enrol'])}
        onClick={() => onAsk('enrol')}
      />
      <ActionButton
        label="结束轮次"
        danger
        openness={openness(['closeRound', 'close'])}
        onClick={() => onAsk('close')}
      />
    </div>
  );
}
