import type { IssueHistory, KnownStep } from '#contracts/history';
import { useId, useState } from 'react';
import { dateTime } from '../kit/format';
import { compared, onClock, stopsOf, unknownThen, type Clock } from './known-facts';
import { KnownTable, RecordLink } from './known-table';

const clocks: Readonly<Record<Clock, { readonly label: string; readonly meaning: string }>> = {
  recorded: {
    label: '记入时间',
    meaning: '到那一刻，三家日志里已经记入的，不论本机关当时是否已经收到。',
  },
  known: {
    label: '本机关知道的时间',
    meaning: '到那一刻，本机关已经知道的：自己记入的，和从其他机关收到并核验的。',
  },
};

type Props = { readonly history: Pick<IssueHistory, 'steps' | 'now'> };

/** 当时已知: a slider over the moments of either clock: what was so then, what is so now, which records changed it. */
export function KnownThen({ history: { steps, now } }: Props) {
  const [clock, setClock] = useState<Clock>('recorded');
  const [wanted, setWanted] = useState<number | undefined>();
  const ordered = onClock(steps, clock);
  const stops = stopsOf(ordered);
  const stop = Math.min(wanted ?? stops.length - 1, stops.length - 1);
  const chosen = stops[stop];
  const step = chosen === undefined ? undefined : ordered[chosen];
  if (chosen === undefined || step === undefined) return null;
  const said = `${dateTime(step.knownAt)}，${step.label}之后`;
  const rows = compared(ordered, chosen, now);
  const differences = rows.filter((row) => row.then !== row.now).length;
  return (
    <section className="panel" aria-labelledby="known-heading">
      <h2 id="known-heading">
        当时已知 <span className="sub">不按写明的日期</span>
      </h2>
      <Clocks
        clock={clock}
        onChange={(next) => {
          setClock(next);
          setWanted(undefined);
        }}
      />
      <Slider label={clocks[clock].label} stops={stops.length} stop={stop} said={said} onMove={setWanted} />
      <p aria-live="polite" className="known-moment">
        <b>{said}</b>（{clocks[clock].label}，第{chosen + 1}条，共{ordered.length}条）与现在差异{differences}项
      </p>
      {clock === 'recorded' && <NotYetHere steps={unknownThen(steps, step.at)} />}
      <KnownTable rows={rows} known={step.facts !== undefined} />
      <p className="sub">口径：{clocks[clock].meaning}用与台账相同的算法重算一遍。</p>
    </section>
  );
}

function Clocks({ clock, onChange }: { readonly clock: Clock; readonly onChange: (clock: Clock) => void }) {
  const name = useId();
  return (
    <fieldset className="known-clocks">
      <legend className="unseen">按哪个时间</legend>
      {(Object.keys(clocks) as Clock[]).map((each) => (
        <label key={each}>
          <input type="radio" name={name} checked={each === clock} onChange={() => onChange(each)} />{' '}
          {clocks[each].label}
        </label>
      ))}
    </fieldset>
  );
}

type SliderProps = {
  readonly label: string;
  readonly stops: number;
  readonly stop: number;
  readonly said: string;
  readonly onMove: (stop: number) => void;
};

function Slider({ label, stops, stop, said, onMove }: SliderProps) {
  const id = useId();
  return (
    <div className="known-slider">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={stops - 1}
        step={1}
        value={stop}
        aria-valuetext={said}
        onChange={(event) => onMove(Number(event.target.value))}
      />
    </div>
  );
}

function NotYetHere({ steps }: { readonly steps: readonly KnownStep[] }) {
  if (steps.length === 0) return null;
  return (
    <div className="sub">
      其中{steps.length}条本机关当时还没有收到：
      <ul className="reasons">
        {steps.map((step) => (
          <li key={step.id}>
            <RecordLink step={step} />，{dateTime(step.knownAt)}才知道
          </li>
        ))}
      </ul>
    </div>
  );
}
