import { z } from 'zod';
import { outlineLine, proposeClaim } from '#contracts/api';
import { FieldFaults, parsed } from './input';

function faultsOf(schema: z.ZodType, value: unknown): FieldFaults['fields'] {
  try {
    parsed(schema, value);
  } catch (error) {
    if (error instanceof FieldFaults) return error.fields;
    throw error;
  }
  return [];
}

describe('input from outside', () => {
  it('comes back parsed, without surrounding space', () => {
    const claim = { leadLeader: ' 张某 ', department: '办公室', person: '李某' };
    expect(parsed(proposeClaim, claim)).toEqual({ ...claim, leadLeader: '张某' });
  });

  it('is refused with every fault at once, each at its field and in Chinese', () => {
    expect(faultsOf(proposeClaim, { leadLeader: '', department: '字'.repeat(81), other: 1 })).toEqual([
      { path: 'leadLeader', message: '不能为空' },
      { path: 'department', message: '不能超过80个字' },
      { path: 'person', message: '必须填写' },
      { path: '', message: '含有不认识的内容：other' },
    ]);
  });

  it.each([
    [z.object({ a: z.number().min(3) }), { a: 1 }, '不能小于3'],
    [z.object({ a: z.number().max(3) }), { a: 9 }, '不能大于3'],
    [z.object({ a: z.array(z.number()).min(1) }), { a: [] }, '至少1项'],
    [z.object({ a: z.array(z.number()).max(1) }), { a: [1, 2] }, '不能超过1项'],
    [z.object({ a: z.string() }), { a: 1 }, '内容的类型不对'],
    [z.object({ a: z.enum(['x', 'y']) }), { a: 'z' }, '请从给出的选项中选择'],
    [z.object({ a: z.string().regex(/^x$/) }), { a: 'z' }, '格式不对'],
    [z.object({ a: z.string().min(4) }), { a: 'z' }, '至少4个字'],
    [z.object({ a: z.string().refine(() => false) }), { a: 'z' }, '不符合要求'],
  ])('%# says what is wrong', (schema, value, message) => {
    expect(faultsOf(schema, value)).toEqual([{ path: 'a', message }]);
  });

  it('names the place inside a list', () => {
    const lines = z.object({ lines: z.array(outlineLine.pick({ title: true })) });
    expect(faultsOf(lines, { lines: [{ title: '好' }, { title: '' }] })[0]?.path).toBe('lines.1.title');
  });

  it.each([[undefined], [null], ['text'], [[]]])('%p in place of a body is refused, not a fault', (body) => {
    expect(faultsOf(proposeClaim, body)).not.toEqual([]);
  });
});
