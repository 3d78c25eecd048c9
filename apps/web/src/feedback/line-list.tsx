import type { RoundLine } from '#contracts/answers';
import type { OutlineLine } from '#contracts/api';
import { classWords } from '#contracts/words.zh';
import { DataTable, type Column } from '../kit/data-table';
import { useRowKeys } from '../kit/row-keys';
import type { Fault, Lines } from './outline';

type Props = {
  readonly lines: Lines;
  readonly units: RoundLine['organisations'];
  readonly faults: readonly Fault[];
  readonly chosen: string | undefined;
  readonly onChoose: (key: string) => void;
};

export function LineList({ lines, units, faults, chosen, onChoose }: Props) {
  useRowKeys(
    lines.map(({ key }) => key),
    chosen,
    onChoose,
  );
  return (
    <section aria-labelledby="lines-heading">
      <h2 id="lines-heading">问题 {lines.length}</h2>
      <div className="line-list" tabIndex={0} role="group" aria-label="问题列表">
        {lines.length === 0 ? (
          <p className="sub">没有在原文中找到问题。请对照原文新增。</p>
        ) : (
          <DataTable
            caption="找到的问题"
            columns={columnsFor(units, faults, onChoose)}
            rows={lines}
            rowKey={({ key }) => key}
            chosen={chosen}
            onChoose={({ key }) => onChoose(key)}
          />
        )}
      </div>
    </section>
  );
}

function columnsFor(
  units: Props['units'],
  faults: Props['faults'],
  onChoose: Props['onChoose'],
): readonly Column<OutlineLine>[] {
  const names = new Map(units.map(({ unitId, unitName }) => [unitId, unitName]));
  const faultOf = (key: string) => faults.find((fault) => fault.key === key)?.words;
  return [
    {
      key: 'number',
      title: '编号',
      width: 84,
      cell: ({ key, number }) => (
        <button type="button" className="link" onClick={() => onChoose(key)}>
          {number === '' ? '未编号' : number}
        </button>
      ),
    },
    {
      key: 'title',
      title: '问题',
      cell: ({ key, title }) => (
        <>
          <div className="one-line">{title}</div>
          {faultOf(key) !== undefined && <div className="fault">！{faultOf(key)}</div>}
        </>
      ),
    },
    { key: 'unit', title: '单位', width: 144, cell: ({ unitId }) => names.get(unitId) ?? unitId },
    { key: 'class', title: '类型', width: 76, cell: (line) => classWords[line.class] },
  ];
}
