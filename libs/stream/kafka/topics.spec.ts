import { topicFaults, topicsOf } from './topics';

const wanted = { replication: 3, minInsync: 2 };
const config = {
  'min.insync.replicas': '2',
  'max.message.bytes': '1048588',
  'unclean.leader.election.enable': 'false',
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
};
const fit = { partitions: 1, replicas: 3, config };

describe('the topics of a log', () => {
  it('are named after the origin, two origins never alike', () => {
    expect(topicsOf('commission.sanfang.example/events/v1').entries).toBe(
      'sanfang.commission.sanfang.example_2fevents_2fv1.entries',
    );
    const names = ['a/b', 'a_2fb', 'a_b', 'a:1/b', 'a.1/b'].map((origin) => topicsOf(origin).checkpoints);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9._-]{1,249}$/);
  });

  it('are taken when they promise enough', () => {
    expect(topicFaults('t', 'delete', fit, wanted)).toEqual([]);
    const compacted = { ...config, 'cleanup.policy': 'compact', 'retention.ms': '604800000' };
    expect(topicFaults('t', 'compact', { ...fit, config: compacted }, wanted)).toEqual([]);
  });

  it.each([
    ['partitions', { ...fit, partitions: 2 }],
    ['replicas', { ...fit, replicas: 2 }],
    ['min.insync.replicas', { ...fit, config: { ...config, 'min.insync.replicas': '1' } }],
    ['max.message.bytes', { ...fit, config: { ...config, 'max.message.bytes': '1000' } }],
    ['unclean.leader.election.enable', { ...fit, config: { ...config, 'unclean.leader.election.enable': 'true' } }],
    ['cleanup.policy', { ...fit, config: { ...config, 'cleanup.policy': 'compact' } }],
    ['retention.ms', { ...fit, config: { ...config, 'retention.ms': '604800000' } }],
    ['retention.bytes', { ...fit, config: { ...config, 'retention.bytes': '1000000' } }],
    ['min.insync.replicas', { ...fit, config: {} }],
  ])('are refused for their %s', (name, found) => {
    expect(topicFaults('t', 'delete', found, wanted).join()).toContain(name);
  });
});
