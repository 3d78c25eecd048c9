import type { RoundLine } from '#contracts/answers';
import type { OutlineLine } from '#contracts/api';
import { classWords, kindWords, specialWords } from '#contracts/words.zh';
import { Button, Input, Select } from 'antd';
import { useId, type ReactNode } from 'react';
import { optionsOf } from '../kit/labels';

type Props = {
  readonly line: OutlineLine;
  readonly units: RoundLine['organisations'];
  readonly locked: boolean;
  readonly onChange: (line: OutlineLine) => void;
  readonly onMove: (step: 1 | -1) => void;
  readonly onRemove: () => void;
};

type TextName = 'number' | 'title' | 'text' | 'group' | 'competentDepartment';
type PickName = 'unitId' | 'class' | 'kind' | 'special';

export function LineForm({ line, units, locked, onChange, onMove, onRemove }: Props) {
  const typed = (name: TextName) => ({
    value: line[name],
    disabled: locked,
    onChange: (event: { target: { value: string } }) => onChange({ ...line, [name]: event.target.value }),
  });
  const picked = (name: PickName, options: { value: string; label: string }[]) => ({
    value: line[name] === '' ? null : line[name],
    disabled: locked,
    options,
    onChange: (value: string | null) => onChange({ ...line, [name]: value ?? '' }),
  });
  const unitOptions = units.map(({ unitId, unitName }) => ({ value: unitId, label: unitName }));
  return (
    <section className="panel line-form" aria-label="所选问题">
      {!locked && (
        <div className="buttons wide">
          <Button size="small" onClick={() => onMove(-1)}>
            上移
          </Button>
          <Button size="small" onClick={() => onMove(1)}>
            下移
          </Button>
          <Button size="small" danger onClick={onRemove}>
            删除
          </Button>
        </div>
      )}
      <Labelled label="编号">{(id) => <Input id={id} maxLength={60} {...typed('number')} />}</Labelled>
      <Labelled label="单位">
        {(id) => <Select id={id} placeholder="选择单位" {...picked('unitId', unitOptions)} />}
      </Labelled>
      <Labelled label="类型">{(id) => <Select id={id} {...picked('class', optionsOf(classWords))} />}</Labelled>
      <Labelled label="范围">{(id) => <Select id={id} {...picked('kind', optionsOf(kindWords))} />}</Labelled>
      <Labelled label="专项">{(id) => <Select id={id} {...picked('special', optionsOf(specialWords))} />}</Labelled>
      <Labelled label="业务主管部门">
        {(id) => <Input id={id} maxLength={80} {...typed('competentDepartment')} />}
      </Labelled>
      <Labelled label="问题" wide>
        {(id) => <Input.TextArea id={id} rows={2} maxLength={500} {...typed('title')} />}
      </Labelled>
      <Labelled label="原文" wide>
        {(id) => <Input.TextArea id={id} rows={3} maxLength={8000} {...typed('text')} />}
      </Labelled>
      <Labelled label="类别" wide>
        {(id) => <Input id={id} maxLength={300} {...typed('group')} />}
      </Labelled>
    </section>
  );
}

type LabelledProps = {
  readonly label: string;
  readonly wide?: boolean;
  readonly children: (id: string) => ReactNode;
};

function Labelled({ label, wide, children }: LabelledProps) {
  const id = useId();
  return (
    <div className={wide === true ? 'wide' : undefined}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}
