// Every command that needs words is given in a drawer of the same shape: fields, the service's refusal, two buttons.
// What is typed is kept as a draft until it is submitted or thrown away.
import { Button, Drawer, Form } from 'antd';
import { useState, type KeyboardEvent, type ReactNode } from 'react';
import type { z } from 'zod';
import { useMe } from '../session/session';
import { draftKey } from './draft';
import { clock } from './format';
import { FormField, type Field } from './form-fields';
import { say } from './notice';
import { RefusalNote } from './refusal-note';
import { useReturnFocus } from './return-focus';
import { useDraft } from './use-draft';
import { useSend } from './use-send';

export type FormSpec = {
  readonly name: string;
  readonly title: string;
  readonly submit: string;
  readonly done: string;
  /** What the command takes; fields are checked one by one against its shape. */
  readonly schema: z.ZodObject;
  readonly fields: readonly Field[];
  readonly danger?: boolean;
  /** Said above the fields: what the command does, when the fields alone do not tell. */
  readonly explanation?: string;
};
type Values = Record<string, unknown>;
type Props = {
  readonly spec: FormSpec;
  readonly path: string;
  readonly recordId: string;
  readonly revision?: number | undefined;
  readonly initial?: Values;
  readonly note?: ReactNode;
  /** Told of the answer before the drawer closes, where it is more than that it was done. */
  readonly onAnswer?: (answer: unknown) => void;
  readonly onClose: () => void;
};

export function FormDrawer(props: Props) {
  useReturnFocus();
  return (
    <Drawer
      open
      title={props.spec.title}
      size={520}
      onClose={props.onClose}
      afterOpenChange={focusFirstField}
      destroyOnHidden
    >
      <DrawerForm {...props} />
    </Drawer>
  );
}

function focusFirstField(): void {
  const field = document.querySelector('[role="dialog"] form input, [role="dialog"] form textarea');
  if (field instanceof HTMLElement) field.focus();
}

function DrawerForm({ spec, path, recordId, revision, initial, note, onAnswer, onClose }: Props) {
  const me = useMe().data;
  const [form] = Form.useForm<Values>();
  const draft = useDraft(draftKey(me?.id ?? '', recordId, spec.name));
  const { submit, sending, refusal } = useSend(revision === undefined ? {} : { revision });
  const [start] = useState<Values>(() => ({ ...initial, ...draft.kept?.values }));

  async function finish(values: Values): Promise<void> {
    const done = await submit(path, bodyOf(spec, { ...initial, ...values }));
    if (done === undefined) return;
    draft.drop();
    onAnswer?.(done.answer);
    say(spec.done);
    onClose();
  }
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey && event.key === 'Enter') form.submit();
  };
  const discard = () => {
    draft.drop();
    form.setFieldsValue(Object.fromEntries(spec.fields.map(({ name }) => [name, initial?.[name]])));
  };
  return (
    <Form
      form={form}
      layout="vertical"
      initialValues={start}
      scrollToFirstError={{ focus: true }}
      onFinish={(values) => void finish(values)}
      onValuesChange={(_changed, all: Values) => draft.keep(withoutFiles(all))}
      onKeyDown={onKey}
    >
      {spec.explanation !== undefined && <p className="sub explanation">{spec.explanation}</p>}
      {note}
      {spec.fields.map((field) => (
        <FormField key={field.name} field={field} schema={schemaOf(spec, field)} />
      ))}
      {draft.savedAt !== '' && (
        <p className="sub">
          草稿已保存在本机 {clock(draft.savedAt)}
          <Button type="link" size="small" onClick={discard}>
            清空草稿
          </Button>
        </p>
      )}
      <RefusalNote refusal={refusal} />
      <div className="buttons">
        <Button type="primary" htmlType="submit" danger={spec.danger ?? false} loading={sending}>
          {spec.submit}
        </Button>
        <Button onClick={onClose}>取消</Button>
        <span className="sub">Ctrl+Enter 提交</span>
      </div>
    </Form>
  );
}

function schemaOf(spec: FormSpec, field: Field): z.ZodType | undefined {
  if (field.kind === 'file') return undefined;
  const schema = spec.schema.shape[field.name] as z.ZodType | undefined;
  if (schema === undefined)
    throw new Error(`form ${spec.name} has a field ${field.name} that its command does not take`);
  return schema;
}

function withoutFiles(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !(value instanceof File)));
}

/** JSON, or multipart as soon as the form has a file. Fields of the form left alone are sent empty. */
function bodyOf(spec: FormSpec, values: Values): unknown {
  const own = spec.fields.map(({ name }) => name);
  const names = Object.keys(spec.schema.shape).filter((name) => own.includes(name) || values[name] !== undefined);
  const filled = Object.fromEntries(names.map((name) => [name, values[name] ?? '']));
  const file = spec.fields.find(({ kind }) => kind === 'file');
  if (file === undefined) return spec.schema.parse(filled);
  const body = new FormData();
  for (const [name, value] of Object.entries(spec.schema.parse(filled))) body.append(name, String(value));
  const chosen = values[file.name];
  if (chosen instanceof File) body.append('file', chosen);
  return body;
}
