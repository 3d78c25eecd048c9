import type { KnownFacts, KnownStep } from '#contracts/history';
import type { CheckedLog } from './check';
import { compared, onClock, stopsOf, unknownThen } from './known-facts';
import { laneRows } from './lanes';

const open: KnownFacts = {
  status: 'registered',
  tracks: { unit: 'open', agency: 'none', site: 'notSampled' },
  ...{ due: '2026-09-01', daysLeft: 30, light: 'none', person: '' },
  ...{ measures: 0, evidence: 0, attempt: 0, returns: 0 },
};
const origin = 'inspection.example/events/v1';
const step = (index: number, label: string, facts: Partial<KnownFacts> | undefined, more: Partial<KnownStep> = {}) =>
  ({
    ...{ id: `${index}`, at: `2026-08-0${index + 1}T01:00:00.000Z`, knownAt: `2026-08-0${index + 1}T01:00:00.000Z` },
    ...{ agency: 'inspection', type: 't', label, who: '', words: '', origin, index, witness: 'final', late: false },
    ...(facts && { facts: { ...open, ...facts } }),
    ...{ nth: index, ...(facts && { recorded: { ...open, ...facts } }) },
    ...more,
  }) as KnownStep;
const steps = [
  step(0, '登记问题', {}),
  step(1, '认领', { status: 'claimed', person: '李某', daysLeft: 29 }),
  step(2, '同意延期', { status: 'claimed', person: '李某', due: '2026-10-01', daysLeft: 58 }),
];
const now = { ...open, status: 'claimed', person: '李某', due: '2026-10-01', daysLeft: 50 } as const;
const rowOf = (chosen: number, label: string) => {
  const found = compared(steps, chosen, now).find(({ row }) => row.label === label)!;
  return { then: found.then, now: found.now, because: found.because.map((each) => each.label) };
};

describe('then, now and why', () => {
  it('names the records that made the difference, and none that did not', () => {
    expect(rowOf(0, '状态')).toEqual({ then: '已登记', now: '已认领', because: ['认领'] });
    expect(rowOf(0, '时限')).toEqual({ then: '2026-09-01', now: '2026-10-01', because: ['同意延期'] });
    expect(rowOf(0, '整改措施').because).toEqual([]);
    expect(rowOf(1, '责任人')).toEqual({ then: '李某', now: '李某', because: [] });
  });

  it('does not call the passing of days a record’s doing', () => {
    expect(rowOf(2, '距时限')).toEqual({ then: '剩58天', now: '剩50天', because: [] });
    expect(rowOf(1, '距时限').because).toEqual(['同意延期']);
  });

  it('knows nothing before the first record', () => {
    expect(rowOf(-1, '状态')).toEqual({ then: '', now: '已认领', because: ['登记问题', '认领'] });
  });
});

describe('the two clocks', () => {
  const at = (day: number) => `2026-08-0${day}T01:00:00.000Z`;
  const verdict = step(5, '退回', { returns: 1 }, { ...{ id: 'v', at: at(4), knownAt: at(6), late: true, nth: 3 } });
  const after = step(
    4,
    '报送进展',
    {},
    { ...{ id: 'w', at: at(5), knownAt: at(5), nth: 4 }, recorded: { ...open, returns: 1 } },
  );
  const all = [...steps, after, verdict];

  it('keep their own order, time and figures', () => {
    expect(onClock(all, 'known').map(({ label }) => label)).toEqual([
      '登记问题',
      '认领',
      '同意延期',
      '报送进展',
      '退回',
    ]);
    const recorded = onClock(all, 'recorded');
    expect(recorded.map(({ label }) => label)).toEqual(['登记问题', '认领', '同意延期', '退回', '报送进展']);
    expect(recorded.map(({ facts }) => facts?.returns)).toEqual([0, 0, 0, 1, 1]);
    expect(recorded[3]).toMatchObject({ knownAt: at(4), late: false });
  });

  it('differ by what a log held and this agency had not heard of', () => {
    expect(unknownThen(all, at(5)).map(({ label }) => label)).toEqual(['退回']);
    expect(unknownThen(all, at(3))).toEqual([]);
    expect(unknownThen(all, at(6))).toEqual([]);
  });

  it('stand after the last record of each moment', () => {
    const same = [step(0, 'a', {}), step(0, 'b', {}), step(1, 'c', {})];
    expect(stopsOf(same)).toEqual([1, 2]);
    expect(stopsOf([])).toEqual([]);
  });
});

describe('the swim lanes', () => {
  const peer = 'commission.example/events/v1';
  const received = step(0, '签收', undefined, {
    ...{ id: 'c0', agency: 'commission', origin: peer, at: '2026-08-02T02:00:00.000Z' },
  });
  const checked = (
    of: string,
    seen: Record<string, number>,
    index: number,
    cause?: { origin: string; index: number },
  ) => ({ origin: of, entries: [{ origin: of, index, seen, ...(cause && { cause }) }] }) as unknown as CheckedLog;
  const agencies = { [origin]: 'inspection', [peer]: 'commission' } as const;

  it('lie in the order of recording, with what was seen of the others and the record that was the reason', () => {
    const logs = [checked(peer, { [origin]: 2, 'unknown.example/v1': 9 }, 0, { origin, index: 1 })];
    const rows = laneRows({ steps: [...steps, received], agencies }, logs);
    expect(rows.map(({ step: { label } }) => label)).toEqual(['登记问题', '认领', '签收', '同意延期']);
    expect(rows[2]).toMatchObject({ proven: true, cause: { label: '认领' } });
    expect(rows[2]?.sights).toEqual({ inspection: { size: 2, last: steps[1] } });
  });

  it('say of a record that the browser has not proven that it is not', () => {
    const rows = laneRows({ steps, agencies }, []);
    expect(rows.every(({ proven, sights }) => !proven && Object.keys(sights).length === 0)).toBe(true);
  });
});
