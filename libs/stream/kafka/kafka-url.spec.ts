import { BadKafkaUrl, parseKafkaUrl } from './kafka-url';

function faultsOf(text: string): readonly string[] {
  try {
    parseKafkaUrl(text);
  } catch (error) {
    if (error instanceof BadKafkaUrl) return error.faults;
    throw error;
  }
  return [];
}

describe('the Kafka URL', () => {
  it('names brokers, and asks for three replicas unless told otherwise', () => {
    expect(parseKafkaUrl('kafka://b1:9092,b2.example:9093,[::1]:9094')).toEqual({
      brokers: ['b1:9092', 'b2.example:9093', '[::1]:9094'],
      replication: 3,
      minInsync: 2,
    });
    expect(parseKafkaUrl('kafka://b1:9092?replication=1')).toMatchObject({ replication: 1, minInsync: 1 });
  });

  it('carries user, password, mechanism and authority', () => {
    const url = 'kafka://sanfang:p%40ss%3Aw%2Frd@b1:9092?tls=true&sasl=scram-sha-512&ca=/etc/ca.pem';
    expect(parseKafkaUrl(url)).toMatchObject({
      tls: { ca: '/etc/ca.pem' },
      sasl: { mechanism: 'scram-sha-512', username: 'sanfang', password: 'p@ss:w/rd' },
    });
    expect(parseKafkaUrl('kafka://b1:9092?tls=true').tls).toEqual({});
  });

  it.each([
    ['http://b1:9092', ['write kafka://']],
    ['kafka://b1', ['host:port']],
    ['kafka://b1:99999', ['host:port']],
    ['kafka://b1:9092,b1:9092', ['named twice']],
    ['kafka://b1:9092?tls=yes', ['tls is true or false']],
    ['kafka://u:p@b1:9092', ['a user needs sasl']],
    ['kafka://b1:9092?sasl=scram-sha-256', ['sasl needs user']],
    ['kafka://u:p@b1:9092?sasl=plain', ['without tls']],
    ['kafka://b1:9092?ca=/x', ['ca needs tls']],
    ['kafka://b1:9092?tls=true&ca=x', ['absolute path']],
    ['kafka://b1:9092?replication=0', ['1 to 9']],
    ['kafka://b1:9092?replicas=3', ['unknown: replicas']],
    ['kafka://b1:9092?tls=true&tls=true', ['given twice']],
    ['kafka://%zz:p@b1:9092', ['percent-encoded']],
  ])('refuses %s', (text, words) => {
    expect(faultsOf(text)).toHaveLength(words.length);
    words.forEach((word, nth) => expect(faultsOf(text)[nth]).toContain(word));
  });

  it('lists all faults at once, and no secret', () => {
    const faults = faultsOf('kafka://me:hunter2@b1:x,b2:9092?tls=maybe&replication=12&sasl=md5&other=1');
    expect(faults.join('\n')).toMatch(/host:port/);
    for (const word of ['tls is', 'replication is', 'sasl is', 'unknown: other']) expect(faults.join()).toContain(word);
    expect(faults.join()).not.toContain('hunter2');
  });
});
