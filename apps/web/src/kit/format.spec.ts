import { cappedTotal, fileSize, lightShape, lightWords, percent } from './format';

describe('figures and lights', () => {
  it('says how many days an issue is overdue', () => expect(lightWords('red', -3)).toBe('逾期3天'));
  it('says how many days are left', () => expect(lightWords('yellow', 7)).toBe('剩7天'));
  it('names the last day', () => expect(lightWords('yellow', 0)).toBe('今日到期'));
  it('stops counting days once closed out', () => expect(lightWords('closed', -30)).toBe('已销号'));
  it('gives every light a shape of its own', () => {
    const shapes = (['none', 'green', 'yellow', 'red', 'closed'] as const).map(lightShape);
    expect(new Set(shapes).size).toBe(5);
  });
  it('counts exactly up to a thousand and caps beyond', () => {
    expect(cappedTotal(1000)).toBe('1000');
    expect(cappedTotal(1001)).toBe('1000+');
  });
  it('rounds rates to two decimals and shows no rate of nothing', () => {
    expect(percent(19, 25)).toBe('76.00%');
    expect(percent(0, 0)).toBe('—');
  });
  it('writes file sizes in the unit people read', () => {
    expect(fileSize(900)).toBe('900 字节');
    expect(fileSize(2048)).toBe('2.0 KB');
    expect(fileSize(5 * 1024 * 1024)).toBe('5.0 MB');
  });
});
