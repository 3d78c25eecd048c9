import type { Given } from '#kernel/decider';
import { may } from '#contracts/roles';
import { history } from '#testing/given';
import type { ClueHandOverCommand, ClueHandOverEvent } from './clue-hand-over';
import { clueHandOver } from './clue-hand-over';
import { clueHandOverSlice } from './clue-hand-over.views';

const given: Given = {
  by: { agency: 'inspection', id: 'wang', name: '王某', role: 'inspectionOffice' },
  at: '2025-03-03T01:00:00.000Z',
  today: '2025-03-03',
};
const system: Given = { ...given, by: { agency: 'inspection', id: 'system', name: '系统', role: 'system' } };
const clue = { unitName: '县水利局党组', source: '来信', person: '某甲', post: '科长', contents: '收受礼品' };
const clues = [
  { ...clue, clueId: 'h1-1' },
  { ...clue, clueId: 'h1-2' },
];
const handedOverBy = { id: 'wang', name: '王某', role: 'inspectionOffice' };
const list = { roundId: 'r1', count: 2, clues, handedOverBy };
const handOver: ClueHandOverCommand = { type: 'HandOverClues', kind: 'single', roundId: 'r1', clues };
const single: ClueHandOverEvent = { type: 'CluesHandedOver', data: list };
const dual: ClueHandOverEvent = { type: 'CluesDualHandedOver', data: list };
const basis = { origin: 'commission.example/events/v1', index: 3, hash: '0'.repeat(64) };
const receipt = {
  receiver: 'commission' as const,
  count: 2,
  receivedBy: { id: 'zhao', name: '赵某', role: 'caseOffice' },
  basis,
};
const record: ClueHandOverCommand = { type: 'RecordReceipt', ...receipt };
const recorded: ClueHandOverEvent = { type: 'ReceiptRecorded', data: receipt };

describe('线索移交', () => {
  it('names how many clues the list has, and who handed them over', () =>
    history(clueHandOver).when(handOver, given).then(single));
  it('to two agencies is an event of its own, because others may read it', () =>
    history(clueHandOver)
      .when({ ...handOver, kind: 'dual' }, given)
      .then(dual));
  it('happens once for a list', () =>
    history(clueHandOver, single).when(handOver, given).refuses('clueHandOver.exists'));
  it('needs a clue', () =>
    history(clueHandOver)
      .when({ ...handOver, clues: [] }, given)
      .refuses('clueHandOver.empty'));

  it('is signed for by the receiver', () => history(clueHandOver, single).when(record, system).then(recorded));
  it('is signed for once', () => history(clueHandOver, single, recorded).when(record, system).then());
  it('of two receivers each signs', () => {
    const other = { ...receipt, receiver: 'organization' as const };
    history(clueHandOver, dual, recorded)
      .when({ type: 'RecordReceipt', ...other }, system)
      .then({ type: 'ReceiptRecorded', data: other });
  });
  it('is not signed for by an agency that received nothing', () => {
    history(clueHandOver, single)
      .when({ ...record, receiver: 'organization' }, system)
      .refuses('clueHandOver.none');
    history(clueHandOver).when(record, system).refuses('clueHandOver.none');
  });
  it('is not signed for with another count', () =>
    history(clueHandOver, single)
      .when({ ...record, count: 1 }, system)
      .refuses('clueHandOver.countDiffers'));
  it('is not signed for by who handed it over', () =>
    history(clueHandOver, single)
      .when({ ...record, receivedBy: { ...receipt.receivedBy, id: 'wang' } }, system)
      .refuses('clueReceipt.ownHandOver'));

  it('lies with the inspection office, never with the unit', () => {
    expect(may('inspectionOffice', 'clueHandOver.HandOverClues')).toBe(true);
    for (const role of ['orgSecretary', 'orgLiaison', 'supervisionOffice'] as const) {
      expect(may(role, 'clueHandOver.HandOverClues') || may(role, 'clue.read')).toBe(false);
    }
  });
});

describe('between the agencies', () => {
  it('the list is published under its two types, the receipt not', () => {
    const [publishing] = clueHandOverSlice.publishing ?? [];
    const event = { id: '', subject: 'h1', type: '', at: '', actor: given.by, data: list };
    const types = Object.values(publishing?.map ?? {}).map((map) => map(event)?.type);
    expect(types).toEqual(['inspection.clue-handed-over.v1', 'inspection.clue-dual-handed-over.v1']);
  });

  it('a receipt counts only from the log of the agency that gives it, and with its address', () => {
    const on = clueHandOverSlice.reactors?.[0]?.on ?? {};
    const data = { handOverId: 'h1', count: 2, receivedBy: receipt.receivedBy };
    const type = 'commission.clue-received.v1';
    const event = { agency: 'commission', type, data, address: basis } as never;
    expect(on[type]?.(event)).toEqual([{ decider: clueHandOver, id: 'h1', command: record }]);
    expect(on[type]?.({ agency: 'organization', type, data, address: basis } as never)).toEqual([]);
  });
});
