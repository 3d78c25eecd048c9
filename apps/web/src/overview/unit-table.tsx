import type { Overview } from '#contracts/answers';
import type { LedgerQuery } from '#contracts/api';
import { useState } from 'react';
import { Link } from 'react-router';
import { DataTable, type Column } from '../kit/data-table';
import { percent } from '../kit/format';
import { useRowKeys } from '../kit/row-keys';
import { ledgerPath } from '../ledger/ledger-query';

type Unit = Overview['units'][number];

function count(value: number, list: LedgerQuery, label: string) {
  return value === 0 ? (
    <span className="zero">0</span>
  ) : (
    <Link to={ledgerPath(list)} aria-label={`${label} ${value}`}>
      {value}
    </Link>
  );
}

const columnsIn = (here: LedgerQuery): readonly Column<Unit>[] => [
  {
    key: 'unit',
    title: '单位',
    cell: (unit) => <Link to={ledgerPath({ ...here, unit: unit.unitId })}>{unit.unitName}</Link>,
  },
  { key: 'total', title: '全部', width: 90, right: true, cell: (unit) => unit.total },
  {
    key: 'closed',
    title: '已销号',
    width: 90,
    right: true,
    cell: (unit) => (
      <>
        {count(
          unit.closedOut - unit.closedOutPending,
          { ...here, unit: unit.unitId, status: 'closedOut' },
          `${unit.unitName}已销号`,
        )}
        {unit.closedOutPending > 0 && <div className="sub">待见证{unit.closedOutPending}</div>}
      </>
    ),
  },
  {
    key: 'nearly',
    title: '基本完成',
    width: 90,
    right: true,
    cell: (unit) =>
      count(
        unit.substantiallyDone,
        { ...here, unit: unit.unitId, status: 'substantiallyDone' },
        `${unit.unitName}基本完成`,
      ),
  },
  {
    key: 'open',
    title: '未完成',
    width: 90,
    right: true,
    cell: (unit) => count(unit.open, { ...here, unit: unit.unitId, status: 'open' }, `${unit.unitName}未完成`),
  },
  {
    key: 'overdue',
    title: '逾期',
    width: 90,
    right: true,
    cell: (unit) => count(unit.overdue, { ...here, unit: unit.unitId, light: 'red' }, `${unit.unitName}逾期`),
  },
  {
    key: 'rate',
    title: '完成率',
    width: 100,
    right: true,
    cell: (unit) => percent(unit.closedOut - unit.closedOutPending, unit.total),
  },
];

type Props = { readonly units: Overview['units']; readonly here: LedgerQuery };

/** @param here the round looked at, which the lists behind the figures keep */
export function UnitTable({ units, here }: Props) {
  const [chosen, setChosen] = useState<string | undefined>();
  useRowKeys(
    units.map(({ unitId }) => unitId),
    chosen,
    setChosen,
  );
  return (
    <section>
      <h2>各单位</h2>
      <DataTable
        caption="各单位整改情况"
        columns={columnsIn(here)}
        rows={units}
        rowKey={({ unitId }) => unitId}
        chosen={chosen}
      />
    </section>
  );
}
