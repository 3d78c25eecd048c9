import { noteCutOff, noteLive, readConnection, watchConnection } from './connection';

describe('the connection', () => {
  it('keeps the newest cut-off, whatever order answers arrive in', () => {
    noteCutOff('2026-11-24T08:18:00Z');
    noteCutOff('2026-11-24T08:10:00Z');
    expect(readConnection().cutOff).toBe('2026-11-24T08:18:00Z');
  });
  it('tells its watchers only of real changes', () => {
    let told = 0;
    const stop = watchConnection(() => (told += 1));
    noteLive('up');
    noteLive('up');
    noteLive('down');
    stop();
    noteLive('up');
    expect(told).toBe(2);
  });
});
