import type { Given } from '#kernel/decider';
import type { Published } from '#kernel/envelope';
import { veil } from '#contracts/personal';
import { may, roles } from '#contracts/roles';
import type { Role } from '#contracts/roles';
import { history } from '#testing/given';
import { clueLists, lineOf } from './clue-lists';
import type { ClueListRow } from './clue-lists';
import type { ClueReceiptCommand, ClueReceiptEvent } from './clue-receipt';
import { clueReceipt } from './clue-receipt';
import { clueReceiptPublishing, clueReceiptReactor } from './clue-receipt.views';

const given: Given = {
  by: { agency: 'commission', id: 'zhao', name: '赵某', role: 'caseOffice' },
  at: '2025-03-05T01:00:00.000Z',
  today: '2025-03-05',
};
const clue = { clueId: 'h1-1', unitName: veil, source: veil, person: veil, post: veil, contents: veil };
const handedOverBy = { id: 'wang', name: '王某', role: 'inspectionOffice' };
const arrivedList = { kind: 'single' as const, roundId: 'r1', count: 1, handedOverBy };
const takeIn: ClueReceiptCommand = { type: 'TakeInClues', found: 1, ...arrivedList };
const arrived: ClueReceiptEvent = { type: 'CluesArrived', data: arrivedList };
const sign: ClueReceiptCommand = { type: 'SignReceipt', count: 1 };
const receivedBy = { id: 'zhao', name: '赵某', role: 'caseOffice' };
const received: ClueReceiptEvent = { type: 'CluesReceived', data: { count: 1, receivedBy } };

describe('签收线索', () => {
  it('begins when the list arrives, once', () => {
    history(clueReceipt).when(takeIn, given).then(arrived);
    history(clueReceipt, arrived).when(takeIn, given).then();
  });
  it('does not begin with a list that says another number than it has', () =>
    history(clueReceipt)
      .when({ ...takeIn, count: 2 } as ClueReceiptCommand, given)
      .refuses('clueReceipt.listDiffers'));
  it('is signed by a person, with the count', () => history(clueReceipt, arrived).when(sign, given).then(received));
  it('is signed once', () => history(clueReceipt, arrived, received).when(sign, given).refuses('clueReceipt.signed'));
  it('is not signed before the list is there', () =>
    history(clueReceipt).when(sign, given).refuses('clueReceipt.none'));
  it('is not signed with another count', () =>
    history(clueReceipt, arrived).when({ type: 'SignReceipt', count: 2 }, given).refuses('clueReceipt.countDiffers'));
  it('is not signed by who handed the list over', () =>
    history(clueReceipt, arrived)
      .when(sign, { ...given, by: { ...given.by, id: 'wang' } })
      .refuses('clueReceipt.ownHandOver'));
});

describe('who may', () => {
  it('read clues is the office that hands over, the case office, and the cadre supervision division', () => {
    const readers = (Object.keys(roles) as Role[]).filter((role) => may(role, 'clue.read'));
    expect(readers).toEqual(['inspectionOffice', 'caseOffice', 'orgDeptSupervision']);
    const signers = (Object.keys(roles) as Role[]).filter((role) => may(role, 'clueReceipt.SignReceipt'));
    expect(signers).toEqual(['caseOffice', 'orgDeptSupervision']);
  });
});

describe('between the agencies', () => {
  const list = { handOverId: 'h1', roundId: 'r1', count: 1, clues: [clue], handedOverBy };
  const event = (type: string, data: object, agency = 'inspection') =>
    ({ agency, type, data, at: '2025-03-04T01:00:00.000Z' }) as unknown as Published;

  it('a list is taken in under its id, by each agency that can open it', () => {
    const { on } = clueReceiptReactor;
    const single = event('inspection.clue-handed-over.v1', list);
    expect(on?.[single.type]?.(single)).toEqual([{ decider: clueReceipt, id: 'h1', command: takeIn }]);
    const dual = event('inspection.clue-dual-handed-over.v1', list);
    const command = { ...takeIn, kind: 'dual' };
    expect(on?.[dual.type]?.(dual)).toEqual([{ decider: clueReceipt, id: 'h1', command }]);
  });
  it('no list is taken in from a log that does not speak for the inspection office', () => {
    const forged = event('inspection.clue-handed-over.v1', list, 'organization');
    expect(clueReceiptReactor.on?.[forged.type]?.(forged)).toEqual([]);
  });
  it('the receipt alone is published, under the name of the agency', () => {
    const { map } = clueReceiptPublishing('organization');
    expect(Object.keys(map)).toEqual(['CluesReceived']);
    const within = { id: '', subject: 'h1', type: '', at: '', actor: given.by, data: received.data };
    expect(map['CluesReceived']?.(within)).toEqual({
      type: 'organization.clue-received.v1',
      data: { handOverId: 'h1', count: 1, receivedBy },
    });
  });
  it('the read model is the same whichever arrives first, list or receipt', () => {
    const both = [
      event('inspection.clue-dual-handed-over.v1', list),
      event('commission.clue-received.v1', { handOverId: 'h1', count: 1, receivedBy }, 'commission'),
      event('organization.clue-received.v1', { handOverId: 'h1', count: 1, receivedBy }, 'organization'),
    ];
    const rows = [both, both.toReversed()].map((events) =>
      events.reduce<ClueListRow | undefined>((row, each) => clueLists.evolve(row, each, 'h1'), undefined),
    );
    expect(rows[0]).toEqual(rows[1]);
    const line = lineOf(rows[0]!, 'commission');
    expect(line).toMatchObject({ handOverId: 'h1', kind: 'dual', count: 1, body: '密封' });
    expect(lineOf({ ...rows[0]!, kind: '' }, 'commission')).toBeUndefined();
  });
});
