import type { Alarm } from '#contracts/witnesses';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { read } from '../kit/http';
import { keys } from '../kit/query-keys';

/** On every page, until people have settled it: somebody's log contradicts itself. */
export function AlarmLine() {
  const alarms = useQuery({ queryKey: keys.alarms, queryFn: () => read<readonly Alarm[]>(paths.alarms) }).data ?? [];
  return (
    <div className="alarm-line" role="alert">
      {alarms.map(({ origin, sentence }) => (
        <p key={origin}>
          <span aria-hidden="true">▲ </span>
          {sentence}
        </p>
      ))}
    </div>
  );
}
