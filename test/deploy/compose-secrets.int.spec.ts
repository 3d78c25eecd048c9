// What scripts/compose-secrets.mjs makes is what docker-compose.yml mounts and what the services understand.
import { execFile, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { readConfig } from '#chassis/config';
import { witnessName } from '#chassis/keys';
import { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { compose, ownerOf, root, services, settings } from './deployment';

const run = promisify(execFile);
const script = join(root, 'scripts/compose-secrets.mjs');
// RSA keys take their time on a small machine.
const patience = 300_000;
const withOpenssl = spawnSync('openssl', ['version']).status === 0 ? describe : describe.skip;

withOpenssl('scripts/compose-secrets.mjs', () => {
  const parent = mkdtempSync(join(tmpdir(), 'sanfang-compose-'));
  const out = join(parent, 'compose');
  const read = (path: string): string => readFileSync(join(out, path), 'utf8');
  const environmentOf = (name: string): Record<string, string> =>
    parseEnv(read(`${name}.env`)) as Record<string, string>;
  const seedOf = (agency: Agency, role: 'log' | 'witness'): Uint8Array =>
    new Uint8Array(Buffer.from(read(`${agency}/keys/${role}.seed`), 'base64'));
  let printed = '';

  beforeAll(async () => {
    printed = (await run(process.execPath, [script, '--out', out, '--domain', 'region.example'])).stdout;
  }, patience);
  afterAll(() => rmSync(parent, { recursive: true, force: true }));

  it('makes each file that docker-compose.yml names, in a folder that only its owner can enter', () => {
    expect(statSync(out).mode & 0o777).toBe(0o700);
    for (const [, { env_file = [], volumes = [] }] of services) {
      for (const file of env_file as string[]) {
        const path = join(out, file.replace('.data/compose/', ''));
        expect([file, statSync(path).mode & 0o777]).toEqual([file, 0o600]);
      }
      for (const volume of volumes.filter((each) => each.startsWith('./.data/compose/'))) {
        const path = (volume.split(':')[0] as string).replace('./.data/compose/', '');
        // A container runs as a user of its own and must be able to read what it mounts.
        expect([path, statSync(join(out, path)).mode & 0o777]).toEqual([path, 0o755]);
      }
    }
    expect(readdirSync(parent)).toEqual(['compose']);
  });

  it.each(agencies)('gives the %s settings that it starts with, and its peers’ keys', (agency) => {
    const given = { ...compose.services[agency]?.environment, ...environmentOf(agency), TRUSTED_PROXY: '' };
    for (const name of Object.keys(given)) expect(settings).toContain(name);
    const { origin, peers, databaseUrl, eventStoreUrl, kafkaUrl } = readConfig(agency, given);
    expect(origin).toBe(`${agency}.region.example/events/v1`);
    for (const peer of peers) {
      const theirs = compose.services[peer.agency]?.environment;
      expect(peer.url).toBe(`http://${peer.agency}-feed:${theirs?.[`${peer.agency.toUpperCase()}_FEED_PORT`]}`);
      const seeds = [seedOf(peer.agency, 'log'), seedOf(peer.agency, 'witness')] as const;
      expect(seeds[0]).not.toEqual(seeds[1]);
      expect(peer.vkey).toBe(formatVkey(signingKey(peer.origin, LOG_KEY_TYPE, seeds[0])));
      expect(peer.witness).toBe(formatVkey(signingKey(witnessName(peer.origin), COSIGNER_KEY_TYPE, seeds[1])));
      expect(printed).toContain(`${peer.agency}: ${peer.vkey}\n${peer.agency} witness: ${peer.witness}\n`);
    }
    const database = new URL(databaseUrl as string);
    const { SANFANG_ROLE_PASSWORD: password } = environmentOf(`${agency}-postgres`);
    expect([database.hostname, database.password]).toEqual([`${agency}-postgres`, password]);
    const store = environmentOf(`${agency}-kurrentdb`)['KURRENTDB_DEFAULT_ADMIN_PASSWORD'];
    expect(eventStoreUrl).toContain(`esdb://admin:${store}@${agency}-kurrentdb-1:2113,`);
    expect(kafkaUrl).toContain(`:${environmentOf('kafka')[`${agency.toUpperCase()}_PASSWORD`]}@kafka-1:9092,`);
    for (const [file] of [eventStoreUrl, kafkaUrl].join(' ').matchAll(/(?<=\/run\/sanfang\/)[^&\s]+/g)) {
      expect(existsSync(join(out, agency, 'trust', file))).toBe(true);
    }
  });

  it('repeats no secret where it is not needed', () => {
    const names = readdirSync(out).filter((name) => name.endsWith('.env'));
    const secrets = names.flatMap((name) => [...read(name).matchAll(/[0-9a-f]{48}/g)].map(([secret]) => secret));
    const holders = new Map<string, number>();
    for (const secret of secrets) holders.set(secret, (holders.get(secret) ?? 0) + 1);
    // For each agency: the database role, the event store's admin and the Kafka user are known at both ends.
    expect([...holders.values()].filter((count) => count === 2)).toHaveLength(9);
    expect([...holders.values()].filter((count) => count > 2)).toEqual([]);
  });

  it('issues each node a certificate of its own authority, for its own name', () => {
    const nodes = services.map(([name]) => name).filter((name) => /-kurrentdb-|^kafka-/.test(name));
    expect(nodes).toHaveLength(12);
    for (const name of nodes) {
      const folder = join(out, ownerOf(name) ?? 'exchange', name);
      const kafka = name.startsWith('kafka-');
      const pem = readFileSync(join(folder, kafka ? 'node.pem' : 'node.crt'), 'utf8');
      const certificate = new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE')));
      const authority = new X509Certificate(readFileSync(join(folder, kafka ? 'ca.crt' : 'ca/ca.crt')));
      expect(certificate.verify(authority.publicKey)).toBe(true);
      expect(certificate.checkHost(name)).toBe(name);
      expect(certificate.checkPrivateKey(createPrivateKey(kafka ? pem : readFileSync(join(folder, 'node.key'))))).toBe(
        true,
      );
      const others = agencies
        .filter((agency) => agency !== ownerOf(name))
        .map((agency) => `${agency}/trust/kurrentdb-ca.crt`);
      for (const other of others) expect(certificate.verify(new X509Certificate(read(other)).publicKey)).toBe(false);
    }
  });

  it('never replaces what is there', async () => {
    const before = read('commission.env');
    await expect(run(process.execPath, [script, '--out', out])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is already there'),
    });
    expect(read('commission.env')).toBe(before);
  });
});
