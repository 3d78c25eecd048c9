import { messages } from '#contracts/messages.zh';
import { forecast } from './dry-run';

describe('a refusal told before the click', () => {
  it('does not speak of a submission that nobody has made', () => {
    expect(forecast('closeOut.waiting')).toBe('销号申请正在核查，佐证和措施暂不能动。请等核查结论。');
    for (const code of Object.keys(messages)) expect(forecast(code)).not.toMatch(/^没有提交|^$/);
  });
  it('keeps the details and the remedy', () =>
    expect(forecast('extension.tooLate', { due: '2026-01-09' })).toBe(
      '期限2026-01-09已过，不能再申请延期。请抓紧整改，并向巡视办书面说明。',
    ));
});
