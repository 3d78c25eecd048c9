import { enrolOrganisation, openRound } from '#contracts/api';
import type { RuleSet } from '#contracts/events';
import { z } from 'zod';
import type { FormSpec } from '../kit/form-drawer';
import { optionsOf, tierWords } from '../kit/labels';

export function openRoundSpec(ruleSets: readonly RuleSet[]): FormSpec {
  return {
    name: 'openRound',
    title: '新建轮次',
    submit: '新建轮次',
    done: '已新建轮次。',
    schema: openRound,
    fields: [
      { name: 'name', label: '轮次名称', kind: 'line', hint: '如：第三轮巡察' },
      { name: 'term', label: '届次', kind: 'line', hint: '如：十四届县委' },
      { name: 'year', label: '年份', kind: 'number' },
      { name: 'tier', label: '层级', kind: 'choice', options: optionsOf(tierWords) },
      {
        name: 'ruleSetId',
        label: '整改期规则',
        kind: 'pick',
        options: ruleSets.map(({ id, name }) => ({ value: id, label: name })),
        hint: '轮次开始后按这一版规则计算时限，以后改规则不影响本轮',
      },
    ],
  };
}

export const enrolSpec: FormSpec = {
  name: 'enrolOrganisation',
  title: '纳入被巡视单位',
  submit: '纳入单位',
  done: '已纳入单位。',
  schema: enrolOrganisation,
  fields: [{ name: 'unitName', label: '单位名称', kind: 'line' }],
};

export const closeRoundSpec: FormSpec = {
  name: 'closeRound',
  title: '结束轮次',
  submit: '结束轮次',
  done: '已结束轮次。',
  schema: z.strictObject({}),
  danger: true,
  explanation: '结束后不能再纳入单位、导入反馈意见；已登记的问题继续整改、核查。',
  fields: [],
};
