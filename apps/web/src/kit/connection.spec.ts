import { noteLive, noteRead, readConnection, watchConnection } from './connection';

describe('the connection', () => {
  it('keeps the newest time, whatever order answers arrive in', () => {
    noteRead('Tue, 24 Nov 2026 08:18:00 GMT');
    noteRead('Tue, 24 Nov 2026 08:10:00 GMT');
    expect(readConnection().readAt).toBe('Tue, 24 Nov 2026 08:18:00 GMT');
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
