import type { FeedbackPage, RoundLine } from '#contracts/answers';
import { paths, type OutlineLine } from '#contracts/api';
import { Button } from 'antd';
import { useState, type KeyboardEvent } from 'react';
import { ActionButton } from '../kit/action-button';
import { opennessOf, type Openness } from '../kit/actions';
import { clock } from '../kit/format';
import { FormDrawer } from '../kit/form-drawer';
import { RefusalNote } from '../kit/refusal-note';
import { DeclaredFound } from './declared-found';
import { freezeSpec } from './freeze-spec';
import { LineForm } from './line-form';
import { LineList } from './line-list';
import { addedAfter, faultsOf, moved, replaced, sliceOf, unitsFilled, without } from './outline';
import { SourceText } from './source-text';
import { UnitFill } from './unit-fill';
import { useOutline } from './use-outline';
import { uuid } from '../kit/submission';

type Props = { readonly feedback: FeedbackPage; readonly units: RoundLine['organisations'] };

/** The clerk's desk: the original on the left, the issues found in it on the right, one of them open for editing. */
export function OutlineDesk({ feedback, units }: Props) {
  const outline = useOutline(feedback);
  const { lines, changed } = outline;
  const [chosenKey, setChosenKey] = useState<string | undefined>(lines[0]?.key);
  const [freezing, setFreezing] = useState(false);
  const chosen = lines.find(({ key }) => key === chosenKey);
  const faults = faultsOf(lines);
  const locked = feedback.state === 'frozen';
  const add = () => {
    const key = uuid();
    outline.change(addedAfter(lines, chosenKey, key));
    setChosenKey(key);
  };
  const remove = (line: OutlineLine) => {
    const at = lines.indexOf(line);
    outline.change(without(lines, line.key));
    setChosenKey((lines[at + 1] ?? lines[at - 1])?.key);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey && event.key === 'Enter' && changed) void outline.save();
  };
  return (
    <div onKeyDown={onKey}>
      <DeclaredFound feedback={feedback} count={lines.length} />
      {!locked && (
        <div className="toolbar">
          <Button type="primary" disabled={!changed} loading={outline.sending} onClick={() => void outline.save()}>
            保存修改
          </Button>
          <Button onClick={add}>新增一条</Button>
          <UnitFill
            units={units}
            missing={lines.filter(({ unitId }) => unitId === '').length}
            onFill={(unitId) => outline.change(unitsFilled(lines, unitId))}
          />
          <ActionButton
            label="冻结并登记"
            openness={freezable(feedback, changed, faults.length, lines.length)}
            onClick={() => setFreezing(true)}
          />
          {changed && (
            <span className="sub">
              有未保存的修改{outline.savedAt === '' ? '' : `，草稿已保存在本机 ${clock(outline.savedAt)}`}
              <Button type="link" size="small" onClick={outline.discard}>
                放弃修改
              </Button>
            </span>
          )}
        </div>
      )}
      <RefusalNote refusal={outline.refusal} />
      <div className="columns columns-even desk">
        <SourceText source={feedback.source} slice={chosen === undefined ? undefined : sliceOf(feedback.source, chosen)} />
        <div>
          <LineList lines={lines} units={units} faults={faults} chosen={chosenKey} onChoose={setChosenKey} />
          {chosen !== undefined && (
            <LineForm
              key={chosen.key}
              line={chosen}
              units={units}
              locked={locked}
              onChange={(line) => outline.change(replaced(lines, line))}
              onMove={(step) => outline.change(moved(lines, chosen.key, step))}
              onRemove={() => remove(chosen)}
            />
          )}
        </div>
      </div>
      {freezing && (
        <FormDrawer
          spec={freezeSpec(feedback, lines.length)}
          path={paths.freeze(feedback.feedbackId)}
          recordId={feedback.feedbackId}
          revision={feedback.revision}
          onClose={() => setFreezing(false)}
        />
      )}
    </div>
  );
}

function freezable(feedback: FeedbackPage, changed: boolean, faults: number, count: number): Openness {
  if (changed) return { open: false, why: '请先保存修改。' };
  if (count === 0) return { open: false, why: '还没有问题，请对照原文新增。' };
  if (faults > 0) return { open: false, why: `还有${faults}条没有填好，已用“！”标出。` };
  return opennessOf(feedback.actions, ['freezeFeedback', 'freeze'], true);
}
