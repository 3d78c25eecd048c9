import type { FeedbackPage, RoundLine } from '#contracts/answers';
import { Button } from 'antd';
import { ActionButton } from '../kit/action-button';
import { opennessOf, type Openness } from '../kit/actions';
import { clock } from '../kit/format';
import { faultsOf, unitsFilled } from './outline';
import { UnitFill } from './unit-fill';
import type { Outline } from './use-outline';

type Props = {
  readonly feedback: FeedbackPage;
  readonly outline: Outline;
  readonly units: RoundLine['organisations'];
  readonly onAdd: () => void;
  readonly onFreeze: () => void;
};

export function DeskToolbar({ feedback, outline, units, onAdd, onFreeze }: Props) {
  const { lines, changed, savedAt } = outline;
  return (
    <div className="toolbar">
      <Button type="primary" disabled={!changed} loading={outline.sending} onClick={() => void outline.save()}>
        保存修改
      </Button>
      <Button onClick={onAdd}>新增一条</Button>
      <UnitFill
        units={units}
        missing={lines.filter(({ unitId }) => unitId === '').length}
        onFill={(unitId) => outline.change(unitsFilled(lines, unitId))}
      />
      <ActionButton label="冻结并登记" openness={freezable(feedback, outline)} onClick={onFreeze} />
      {changed && (
        <span className="sub">
          有未保存的修改{savedAt === '' ? '' : `，草稿已保存在本机 ${clock(savedAt)}`}
          <Button type="link" size="small" onClick={outline.discard}>
            放弃修改
          </Button>
        </span>
      )}
    </div>
  );
}

function freezable(feedback: FeedbackPage, { lines, changed }: Outline): Openness {
  const faults = faultsOf(lines).length;
  if (changed) return { open: false, why: '请先保存修改。' };
  if (lines.length === 0) return { open: false, why: '还没有问题，请对照原文新增。' };
  if (faults > 0) return { open: false, why: `还有${faults}条没有填好，已用“！”标出。` };
  return opennessOf(feedback.actions, ['freezeFeedback', 'freeze'], true);
}
