import type { RoundList } from '#contracts/answers';
import { paths, type LedgerQuery } from '#contracts/api';
import { roles } from '#contracts/roles';
import { classWords, specialWords } from '#contracts/words.zh';
import { useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { read } from '../kit/http';
import { lightFilterWords, optionsOf, statusFilterWords } from '../kit/labels';
import { keys } from '../kit/query-keys';
import { useMe } from '../session/session';
import { ExportButton } from './export-button';
import { hasFilter } from './ledger-query';

type Props = { readonly query: LedgerQuery; readonly onChange: (query: LedgerQuery) => void };
type Filter = {
  readonly name: 'round' | 'unit' | 'status' | 'class' | 'special' | 'light';
  readonly label: string;
  readonly width: number;
  readonly options: readonly { value: string; label: string }[];
};

const wordFilters: readonly Filter[] = [
  { name: 'status', label: '状态', width: 112, options: optionsOf(statusFilterWords) },
  { name: 'class', label: '类型', width: 112, options: optionsOf(classWords) },
  { name: 'special', label: '专项', width: 136, options: optionsOf(specialWords) },
  { name: 'light', label: '时限', width: 122, options: optionsOf(lightFilterWords) },
];

export function LedgerFilters({ query, onChange }: Props) {
  const filters = [...usePlaceFilters(), ...wordFilters];
  const { search } = query;
  return (
    <div className="filters" role="group" aria-label="筛选">
      {filters.map(({ name, label, width, options }) => (
        <Select
          key={name}
          aria-label={label}
          placeholder={label}
          style={{ width }}
          allowClear
          value={query[name] ?? null}
          options={[...options]}
          onChange={(value: string | null | undefined) => onChange(withFilter(query, name, value))}
        />
      ))}
      {search !== undefined && <span className="chip">搜索：{search}</span>}
      {hasFilter(query) && <Button onClick={() => onChange({})}>清除筛选</Button>}
      <ExportButton query={query} />
    </div>
  );
}

/** Round and unit; a portal account sees one unit only, so there is nothing to choose. */
function usePlaceFilters(): readonly Filter[] {
  const me = useMe().data;
  const rounds = useQuery({ queryKey: keys.rounds, queryFn: () => read<RoundList>(paths.rounds) }).data?.rounds ?? [];
  const units = new Map(
    rounds.flatMap(({ organisations }) => organisations.map((o) => [o.unitId, o.unitName] as const)),
  );
  const round: Filter = {
    name: 'round',
    label: '轮次',
    width: 148,
    options: rounds.map(({ roundId, name }) => ({ value: roundId, label: name })),
  };
  const unit: Filter = {
    name: 'unit',
    label: '单位',
    width: 168,
    options: Array.from(units, ([value, label]) => ({ value, label })),
  };
  return me !== null && me !== undefined && roles[me.role].sees === 'all' ? [round, unit] : [round];
}

function withFilter(query: LedgerQuery, name: Filter['name'], value: string | null | undefined): LedgerQuery {
  const { [name]: _old, ...rest } = query;
  return value === null || value === undefined ? rest : { ...rest, [name]: value };
}
