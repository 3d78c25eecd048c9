import type { PeerStanding, Standing } from './verified';
import { verificationOf } from './verified';
import type { Reach } from './witnessed';
import { statusAt } from './witnessed';

const origin = 'inspection.example/events/v1';
type Size = { readonly commission: number; readonly organization: number };
const reachOf = ({ commission, organization }: Size, needed: 1 | 2 = 2): Reach => ({
  witnessed: Math.max(commission, organization),
  final: needed === 2 ? Math.min(commission, organization) : Math.max(commission, organization),
  by: [
    { agency: 'commission', name: 'c', size: commission },
    { agency: 'organization', name: 'o', size: organization },
  ],
});

function verified(indexes: readonly (number | undefined)[], reach: Reach, more: Partial<Standing> = {}) {
  const standing = { reach: () => reach, since: '2025-11-03T08:20:00Z', peers: [], ...more };
  const entries = indexes.map((index) => {
    const place = index === undefined ? undefined : { origin, index };
    return { agency: 'inspection' as const, ...place, witness: statusAt(place, () => reach) };
  });
  return verificationOf(entries, standing);
}
const peer = (agency: PeerStanding['agency'], state: PeerStanding['state']): PeerStanding => ({
  agency,
  state,
  verifiedAt: '2025-11-04T08:10:00Z',
});

describe('核验', () => {
  it('says since when three parties stand by the record, and what that means', () => {
    const { state, sentence, how } = verified([3, 4], reachOf({ commission: 9, organization: 5 }));
    expect(state).toBe('ok');
    expect(sentence).toBe('此记录自2025-11-03 16:20起未被改动，已由三方共同见证。');
    expect(how).toContain('不说明所写内容属实');
  });

  it('says two parties when the rule is content with one peer', () =>
    expect(verified([3], reachOf({ commission: 9, organization: 0 }, 1)).sentence).toContain('已由两方共同见证。'));

  it('names whom the rest waits for', () => {
    expect(verified([3, 4], reachOf({ commission: 9, organization: 4 }))).toMatchObject({
      state: 'partial',
      sentence: '此记录自2025-11-03 16:20起未被改动，已由两方共同见证，1条等待组织部见证（一般1分钟内）。',
      checked: 2,
      waiting: 1,
    });
    expect(verified([3, 4], reachOf({ commission: 4, organization: 4 })).sentence).toBe(
      '已核验2条，1条等待纪委监委、组织部见证（一般1分钟内）。',
    );
  });

  it('claims no witness and no time while there is none', () => {
    const { state, sentence } = verified([0], reachOf({ commission: 0, organization: 0 }), { since: '' });
    expect(state).toBe('partial');
    expect(sentence).not.toMatch(/未被改动|方共同见证/);
  });

  it('waits for what is in no log yet', () =>
    expect(verified([3, undefined], reachOf({ commission: 9, organization: 9 }))).toMatchObject({
      state: 'partial',
      sentence: '已核验1条，1条正在写入日志（一般1分钟内）。',
    }));

  it('says who cannot be reached, and when he last was', () => {
    const peers = [peer('commission', 'following'), peer('organization', 'unreachable')];
    expect(verified([3], reachOf({ commission: 9, organization: 1 }), { peers }).sentence).toBe(
      '此记录自2025-11-03 16:20起未被改动，已由两方共同见证，1条等待组织部见证；暂时连不上组织部，上次核验16:10通过。',
    );
  });

  it('sounds the alarm when the log of one of its events contradicts itself', () => {
    const reach = reachOf({ commission: 9, organization: 9 });
    const lying = verified([3], reach, { peers: [peer('inspection', 'stopped')] });
    expect(lying).toMatchObject({ state: 'failed', sentence: expect.stringContaining('发现不一致：巡视办') });
    expect(verified([3], reach, { peers: [peer('commission', 'stopped')] }).state).toBe('ok');
  });
});
