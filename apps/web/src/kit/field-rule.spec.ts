import { accept, openRound, reportProgress, requestExtension } from '#contracts/api';
import { fieldFault, fieldRule, isRequired } from './field-rule';

describe('a form field', () => {
  it('asks for what is missing', () => {
    expect(fieldFault(reportProgress.shape.text, '进展及成效', undefined)).toBe('请填写进展及成效');
    expect(fieldFault(reportProgress.shape.text, '进展及成效', '   ')).toBe('请填写进展及成效');
  });
  it('says how long it may be', () => {
    expect(fieldFault(reportProgress.shape.text, '进展及成效', '改'.repeat(4001))).toBe('进展及成效最多4000字，请删减');
  });
  it('says how large a number may be', () => {
    expect(fieldFault(openRound.shape.year, '年份', 2101)).toBe('年份不能大于2100');
    expect(fieldFault(openRound.shape.year, '年份', 1999)).toBe('年份不能小于2000');
  });
  it('asks again for a date that is none', () => {
    expect(fieldFault(requestExtension.shape.until, '延期至', '明天')).toBe('请填写延期至');
  });
  it('takes what the contract takes', () => {
    expect(fieldFault(requestExtension.shape.until, '延期至', '2026-12-31')).toBeUndefined();
    expect(fieldFault(accept.shape.note, '核查意见', '')).toBeUndefined();
  });
  it('is starred exactly when the contract refuses it empty', () => {
    expect(isRequired(accept.shape.method)).toBe(true);
    expect(isRequired(accept.shape.note)).toBe(false);
  });
  it('fails the form with the sentence', async () => {
    await expect(fieldRule(reportProgress.shape.text, '进展').validator({}, '')).rejects.toThrow('请填写进展');
    await expect(fieldRule(reportProgress.shape.text, '进展').validator({}, '好')).resolves.toBeUndefined();
  });
});
