// The few kinds of field that the forms are made of, each checked by the schema of the contract.
import { Form, Input, Radio, Select } from 'antd';
import type { z } from 'zod';
import { fieldRule, isRequired } from './field-rule';
import { FileDrop } from './file-drop';

export type Option = { readonly value: string; readonly label: string };
export type Field = {
  readonly name: string;
  readonly label: string;
  readonly kind: 'line' | 'number' | 'words' | 'date' | 'choice' | 'pick' | 'file';
  readonly options?: readonly Option[];
  readonly hint?: string;
  readonly rows?: number;
};

/** @param schema the field's own schema; a file has none and is always needed. */
export function FormField({ field, schema }: { field: Field; schema: z.ZodType | undefined }) {
  const rules =
    schema === undefined ? [{ required: true, message: `请选择${field.label}` }] : [fieldRule(schema, field.label)];
  return (
    <Form.Item
      name={field.name}
      label={field.label}
      required={schema === undefined || isRequired(schema)}
      rules={rules}
      {...(field.kind === 'number' ? { normalize: asNumber } : {})}
      extra={field.kind === 'file' ? undefined : field.hint}
    >
      {control(field)}
    </Form.Item>
  );
}

function asNumber(typed: string): number | '' {
  return typed === '' ? '' : Number(typed);
}

function control(field: Field) {
  switch (field.kind) {
    case 'line':
      return <Input autoComplete="off" />;
    case 'number':
      return <Input type="number" className="date" />;
    case 'words':
      return <Input.TextArea rows={field.rows ?? 4} />;
    case 'date':
      return <Input type="date" max="2100-12-31" className="date" />;
    case 'choice':
      return <Radio.Group options={[...(field.options ?? [])]} />;
    case 'pick':
      return <Select options={[...(field.options ?? [])]} />;
    case 'file':
      return <FileDrop label={field.label} hint={field.hint ?? '把文件拖到这里，或点按钮选择'} />;
  }
}
