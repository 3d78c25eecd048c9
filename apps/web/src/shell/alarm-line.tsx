import type { Alarm } from '#contracts/witnesses';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { read } from '../kit/http';
import { keys } from '../kit/query-keys';

/** Silence sends no hint: it is asked for. */
const lookMs = 60_000;

/** On every page, until people have settled it: somebody's log contradicts itself, or says nothing any more. */
export function AlarmLine() {
  const queryFn = () => read<readonly Alarm[]>(paths.alarms);
  const alarms = useQuery({ queryKey: keys.alarms, queryFn, refetchInterval: lookMs }).data ?? [];
  return (
    <div className="alarm-line" role="alert">
      {alarms.map(({ sentence }) => (
        <p key={sentence}>
          <span aria-hidden="true">▲ </span>
          {sentence}
        </p>
      ))}
    </div>
  );
}
