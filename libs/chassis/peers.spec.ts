import { seenWith } from './peers';

const [peer, other] = [{ origin: 'inspection.example/events/v1' }, { origin: 'organization.example/events/v1' }];
const cause = (origin: string, index: number) => ({ origin, index, hash: '' });

describe('what an author had seen', () => {
  const sizes = new Map([[peer.origin, 16]]);

  it('is what is known to be stored, and nothing of whom nothing is', () => {
    expect(seenWith(sizes, [peer, other], undefined)).toEqual({ [peer.origin]: 16 });
  });

  it('covers the entry that is acted upon, also when nobody has been told yet that it is stored', () => {
    expect(seenWith(sizes, [peer, other], cause(peer.origin, 30))).toEqual({ [peer.origin]: 31 });
    expect(seenWith(sizes, [peer, other], cause(other.origin, 0))).toEqual({ [peer.origin]: 16, [other.origin]: 1 });
  });

  it('is not less for an older cause, and says nothing of the own log', () => {
    expect(seenWith(sizes, [peer, other], cause(peer.origin, 3))).toEqual({ [peer.origin]: 16 });
    expect(seenWith(sizes, [peer, other], cause('commission.example/events/v1', 9))).toEqual({ [peer.origin]: 16 });
  });
});
