import type { RoundList } from '#contracts/answers';
import { paths } from '#contracts/api';
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useSearchParams } from 'react-router';
import { read } from '../kit/http';
import { keys } from '../kit/query-keys';

/** All rounds together, or one of them; kept in the address. With a single round there is nothing to choose. */
export function RoundChoice({ round }: { round: string | undefined }) {
  const [, setParams] = useSearchParams();
  const rounds = useQuery({ queryKey: keys.rounds, queryFn: () => read<RoundList>(paths.rounds) }).data?.rounds ?? [];
  if (rounds.length < 2 && round === undefined) return null;
  return (
    <Select
      aria-label="轮次"
      className="round-choice"
      value={round ?? ''}
      options={[
        { value: '', label: '全部轮次' },
        ...rounds.map(({ roundId, name }) => ({ value: roundId, label: name })),
      ]}
      onChange={(value: string) => setParams(value === '' ? {} : { round: value })}
    />
  );
}
