import { outline } from './outline';

describe('the outline of a made-up text of the largest size', () => {
  test.each([
    '问题：',
    '一、不足方面\n1.不够\n',
    '对县局、县办、',
    '存在不足、责任不够；等问题',
    '"',
    '一',
    '1,',
    '整改情况：一是。',
    '一是问题:\n',
  ])(
    'five megabytes of %j end, and end soon enough for a request',
    (unit) => {
      const size = 5 * 1024 * 1024;
      const bytes = Buffer.byteLength(unit);
      expect(() => outline(unit.repeat(Math.floor(size / bytes)))).not.toThrow();
    },
    30_000,
  );
});
