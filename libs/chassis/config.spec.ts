import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { agencies } from '#kernel/envelope';
import { BadConfig, exampleEnvironment, readConfig } from './config';

function faultsOf(environment: Record<string, string>): BadConfig['faults'] {
  try {
    readConfig('commission', environment);
  } catch (error) {
    if (error instanceof BadConfig) return error.faults;
    throw error;
  }
  throw new Error('no fault');
}

describe('the settings of a service', () => {
  it('need nothing on a fresh machine', () => {
    expect(readConfig('organization', { HOME: '/root' })).toMatchObject({
      folder: expect.stringMatching(/\.data\/organization$/),
      host: '127.0.0.1',
      port: 8802,
      feedHost: '127.0.0.1',
      feedPort: 8805,
      origin: 'organization.sanfang.example/events/v1',
      sessionIdleMinutes: 60,
      sessionAbsoluteHours: 8,
      scrubPerSecond: 4,
      peers: [
        { agency: 'commission', url: 'http://127.0.0.1:8804', origin: 'commission.sanfang.example/events/v1' },
        { agency: 'inspection', url: 'http://127.0.0.1:8806', origin: 'inspection.sanfang.example/events/v1' },
      ],
    });
  });

  it('derive the ports of all agencies from the first, unless one is named', () => {
    expect(agencies.map((agency) => readConfig(agency, { SANFANG_PORT: '9000' }).port)).toEqual([9000, 9001, 9002]);
    expect(readConfig('commission', { SANFANG_PORT: '9000', COMMISSION_PORT: '0' }).port).toBe(0);
    expect(agencies.map((agency) => readConfig(agency, { SANFANG_PORT: '9000' }).feedPort)).toEqual([9003, 9004, 9005]);
    expect(readConfig('commission', { COMMISSION_PORT: '9000', COMMISSION_FEED_PORT: '0' })).toMatchObject({
      port: 9000,
      feedPort: 0,
    });
  });

  it('take the feeds where people are served, unless they have an address of their own', () => {
    const listening = (environment: Record<string, string>): unknown[] => {
      const { host, feedHost, peers } = readConfig('commission', environment);
      return [host, feedHost, peers[1]?.url];
    };
    expect(listening({ SANFANG_HOST: '0.0.0.0' })).toEqual(['0.0.0.0', '0.0.0.0', 'http://127.0.0.1:8806']);
    const apart = { SANFANG_HOST: '10.0.0.1', SANFANG_FEED_HOST: '10.9.0.1' };
    expect(listening(apart)).toEqual(['10.0.0.1', '10.9.0.1', 'http://10.9.0.1:8806']);
    expect(listening({ SANFANG_FEED_HOST: '::1' })).toEqual(['127.0.0.1', '::1', 'http://[::1]:8806']);
    expect(faultsOf({ SANFANG_FEED_HOST: 'a b' }).map((fault) => fault.name)).toEqual(['SANFANG_FEED_HOST']);
  });

  it('take peers as JSON and give each the origin it has by default', () => {
    const peers = JSON.stringify([{ agency: 'inspection', url: 'https://xunshi.example/' }]);
    expect(readConfig('commission', { COMMISSION_PEERS: peers }).peers).toEqual([
      { agency: 'inspection', url: 'https://xunshi.example', origin: 'inspection.sanfang.example/events/v1' },
    ]);
  });

  it('list every fault at once, each with name and remedy', () => {
    const faults = faultsOf({
      COMMISSION_PORT: '70000',
      COMMISSION_DATABASE_URL: 'mysql://x',
      COMMISSION_ORIGIN: 'Not An Origin',
      COMMISSION_DATABSE_URL: 'postgres://x',
      SESSION_IDLE_MINUTES: 'soon',
      LOG_LEVEL: 'loud',
    });
    expect(faults.map((fault) => fault.name).sort()).toEqual([
      'COMMISSION_DATABASE_URL',
      'COMMISSION_DATABSE_URL',
      'COMMISSION_ORIGIN',
      'COMMISSION_PORT',
      'LOG_LEVEL',
      'SESSION_IDLE_MINUTES',
    ]);
    for (const fault of faults) expect(fault.remedy).not.toBe('');
  });

  it('list every fault of a Kafka URL, and not its password', () => {
    const faults = faultsOf({ COMMISSION_KAFKA_URL: 'kafka://me:hunter2@b1?tls=perhaps' });
    expect(faults.map(({ name }) => name)).toEqual(Array(faults.length).fill('COMMISSION_KAFKA_URL'));
    expect(faults.length).toBeGreaterThan(1);
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });

  it.each([
    ['not JSON', 'commission.example'],
    ['itself', '[{"agency":"commission","url":"http://a"}]'],
    ['twice', '[{"agency":"inspection","url":"http://a"},{"agency":"inspection","url":"http://b"}]'],
    ['url', '[{"agency":"inspection","url":"file:///etc/passwd"}]'],
    ['vkey', '[{"agency":"inspection","url":"http://a","vkey":"a+b+c"}]'],
    ['unknown field', '[{"agency":"inspection","url":"http://a","ur":"b"}]'],
  ])('refuse peers that are %s', (_, peers) => {
    expect(faultsOf({ COMMISSION_PEERS: peers }).map((fault) => fault.name)).toEqual(['COMMISSION_PEERS']);
  });

  it('do not repeat a secret in the list of faults', () => {
    const canary = 'canary-5f1e';
    const environment = { COMMISSION_DATABASE_URL: `mysql://u:${canary}@h/d`, METRICS_TOKEN: canary };
    expect(() => readConfig('commission', environment)).toThrow(BadConfig);
    expect(JSON.stringify(faultsOf(environment))).not.toContain(canary);
  });

  it('do not take a file for the data folder', () => {
    expect(faultsOf({ SANFANG_DATA: __filename })).toEqual([
      { name: 'SANFANG_DATA', what: 'names a file', remedy: expect.stringContaining('a folder') },
    ]);
  });

  it('treat an empty variable as an unset one', () => {
    expect(readConfig('commission', { COMMISSION_PORT: '', LOG_LEVEL: '' })).toMatchObject({ port: 8801 });
  });

  it('are all described in .env.example', () => {
    expect(readFileSync(join(__dirname, '..', '..', '.env.example'), 'utf8')).toBe(exampleEnvironment());
  });
});
