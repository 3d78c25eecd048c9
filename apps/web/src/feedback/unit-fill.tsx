import type { RoundLine } from '#contracts/answers';
import { Select } from 'antd';

type Props = {
  readonly units: RoundLine['organisations'];
  readonly missing: number;
  readonly onFill: (unitId: string) => void;
};

/** One choice for all lines that have no unit yet: most texts concern one organisation. */
export function UnitFill({ units, missing, onFill }: Props) {
  if (missing === 0) return null;
  if (units.length === 0) return <span className="sub">本轮还没有纳入单位，请先在“轮次”中纳入。</span>;
  return (
    <Select
      aria-label="给没有单位的问题选单位"
      placeholder={`给${missing}条没有单位的问题选单位`}
      style={{ width: 240 }}
      value={null}
      options={units.map(({ unitId, unitName }) => ({ value: unitId, label: unitName }))}
      onChange={(unitId: string | null) => {
        if (unitId !== null) onFill(unitId);
      }}
    />
  );
}
