import { neutral } from '#kernel/envelope';
import type { Agency, Entry, SealedBody } from '#kernel/envelope';
import { openedOf, publishedOf } from './published';
import type { Opened } from './published';

const address = { origin: 'inspection.sanfang.example/events/v1', index: 3, hash: '0'.repeat(64) };
const id = '0190a000-0000-7000-8000-000000000001';
const head = { v: 1 as const, id, revision: 0, at: '2026-03-02T01:00:00.000Z', seen: {}, commit: '0'.repeat(64) };
const actor = { agency: 'inspection' as const, id: 'p-3', name: '王某', role: 'inspectionOffice' };
const clue = { clueId: 'h1-1', unitName: '甲', source: '来信', person: '某甲', post: '科长', contents: '内容' };
const list = {
  ...{ handOverId: 'h1', roundId: 'r1', count: 1, clues: [clue] },
  handedOverBy: { id: 'p-3', name: '王某', role: 'inspectionOffice' },
};
const wrapped = { enc: '', key: '', wrapped: '' };
const sealedTo = (...to: Agency[]): Entry => {
  const sealed: SealedBody = {
    commit: '',
    ct: '',
    suite: '',
    to: Object.fromEntries(to.map((each) => [each, wrapped])),
  };
  return { ...head, ...neutral('inspection', id), sealed };
};
const opened = (change: Partial<Opened> = {}): Opened => ({
  ...{ actor, data: list, stream: 'clueHandOver-h1', type: 'inspection.clue-handed-over.v1' },
  ...change,
});

describe('an entry as its readers use it', () => {
  it('has its type, stream and data', () => {
    const entry = { ...head, actor, type: 'inspection.round-closed.v1', stream: 'round-r1', data: { roundId: 'r1' } };
    expect(publishedOf('inspection', address, entry)).toMatchObject({
      type: entry.type,
      data: { roundId: 'r1' },
      address,
    });
  });

  it('of a type for some agencies alone is refused when it stands there for all to read', () => {
    const entry = { ...head, actor, type: 'inspection.clue-handed-over.v1', stream: 'clueHandOver-h1', data: list };
    expect(publishedOf('inspection', address, entry)).toMatchObject({ flaw: 'form' });
  });

  it('that is sealed has its neutral type and nothing else, and only in the log of its agency', () => {
    const read = publishedOf('inspection', address, sealedTo('commission'));
    expect(read).toMatchObject({ type: 'inspection.sealed.v1', data: {}, sealed: true });
    expect(publishedOf('organization', address, sealedTo('commission'))).toMatchObject({ flaw: 'foreign' });
  });
});

describe('a body that was opened', () => {
  it('is the event that was sealed', () => {
    const read = openedOf('inspection', address, sealedTo('commission'), opened());
    expect(read).toMatchObject({
      id,
      type: 'inspection.clue-handed-over.v1',
      stream: 'clueHandOver-h1',
      actor,
      sealed: true,
    });
  });

  it.each([
    ['to more than its type is for', sealedTo('commission', 'organization'), opened(), 'form'],
    ['to fewer', sealedTo('commission'), opened({ type: 'inspection.clue-dual-handed-over.v1' }), 'form'],
    [
      'although everybody may read it',
      sealedTo('commission'),
      opened({ type: 'inspection.round-closed.v1', data: { roundId: 'r' } }),
      'form',
    ],
    ['with other data than was promised', sealedTo('commission'), opened({ data: {} }), 'form'],
    ['with a type that nobody knows', sealedTo('commission'), opened({ type: 'inspection.clue-eaten.v1' }), 'unknown'],
    [
      'in the name of another agency',
      sealedTo('commission'),
      opened({ actor: { ...actor, agency: 'organization' } }),
      'foreign',
    ],
  ])('is refused when it was sealed %s', (_name, entry, body, flaw) => {
    expect(openedOf('inspection', address, entry, body)).toMatchObject({ flaw });
  });
});
