// docker-compose.yml against what the services know and what SECURITY.md promises.
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { agencies } from '#kernel/envelope';
import { compose, networksOf, ownerOf, pinned, root, services, settings, textOf } from './deployment';
import type { ComposeService } from './deployment';

const agencyServices = agencies.map((agency) => [agency, compose.services[agency] as ComposeService] as const);
const stores = services.filter(([name]) => /-(postgres|kurrentdb-\d)$/.test(name));
const settingOf = (agency: string, name: string): string =>
  compose.services[agency]?.environment?.[`${agency.toUpperCase()}_${name}`] as string;

describe('docker-compose.yml', () => {
  it('has for each agency its program, a database and three nodes of an event store, and three brokers', () => {
    const expected = agencies.flatMap((agency) => [
      agency,
      `${agency}-keys`,
      `${agency}-postgres`,
      ...[1, 2, 3].map((n) => `${agency}-kurrentdb-${n}`),
    ]);
    expect(services.map(([name]) => name).sort()).toEqual([...expected, 'kafka-1', 'kafka-2', 'kafka-3'].sort());
    for (const [agency, { command }] of agencyServices) {
      expect(command).toEqual([`dist/apps/${agency}/src/main.js`]);
      expect(existsSync(join(root, `apps/${agency}/src/main.ts`))).toBe(true);
    }
  });

  it('names only settings that exist, and those of an agency in its own service alone', () => {
    for (const [agency, { environment = {} }] of agencyServices) {
      for (const name of Object.keys(environment)) {
        expect(settings).toContain(name);
        const named = agencies.find((each) => name.startsWith(`${each.toUpperCase()}_`));
        expect([undefined, agency]).toContain(named);
      }
    }
  });

  it('publishes the console of each agency on this host alone, and nothing else', () => {
    for (const [name, { ports = [] }] of services) {
      const port = settingOf(name, 'PORT');
      expect(ports).toEqual(agencies.some((agency) => agency === name) ? [`127.0.0.1:${port}:${port}`] : []);
    }
    const ports = agencies.flatMap((agency) => [settingOf(agency, 'PORT'), settingOf(agency, 'FEED_PORT')]);
    expect(new Set(ports).size).toBe(6);
  });

  it('asks each console for its health at the port it has', () => {
    for (const [agency, { healthcheck }] of agencyServices) {
      expect(healthcheck?.test.join(' ')).toContain(`http://${agency}-console:${settingOf(agency, 'PORT')}/health`);
    }
  });

  it('lets agencies meet on the exchange network only', () => {
    for (const network of Object.keys(compose.networks)) {
      const members = services.filter(([, each]) => networksOf(each).includes(network)).map(([name]) => name);
      const owners = new Set(members.map(ownerOf));
      if (network === 'exchange') {
        expect(members.sort()).toEqual([...agencies, 'kafka-1', 'kafka-2', 'kafka-3'].sort());
      } else {
        expect(owners.size).toBe(1);
        expect(network.startsWith(`${[...owners][0]}-`)).toBe(true);
      }
    }
  });

  it('names each console on the network of its port alone, and each feed on the exchange alone', () => {
    for (const [agency, { networks }] of agencyServices) {
      expect(networks).toEqual({
        [`${agency}-door`]: { aliases: [`${agency}-console`] },
        [`${agency}-inside`]: {},
        exchange: { aliases: [`${agency}-feed`] },
      });
    }
  });

  it('keeps databases and event stores on the internal network of their agency', () => {
    expect(stores).toHaveLength(12);
    for (const [name, each] of stores) expect(networksOf(each)).toEqual([`${ownerOf(name)}-inside`]);
    for (const [name, { internal }] of Object.entries(compose.networks)) {
      expect(internal ?? false).toBe(!name.endsWith('-door'));
    }
    // No network at all would be the default one, which joins everybody.
    for (const [, { networks, network_mode }] of services) expect(networks ?? network_mode).toBeDefined();
  });

  it('gives each its own volume, shared with nobody but the start of the keys', () => {
    const users = new Map<string, string[]>();
    for (const [name, { volumes = [] }] of services) {
      for (const volume of volumes.filter((each) => !each.startsWith('.'))) {
        const source = volume.split(':')[0] as string;
        users.set(source, [...(users.get(source) ?? []), name]);
      }
    }
    expect([...users.keys()].sort()).toEqual(Object.keys(compose.volumes).sort());
    for (const [volume, names] of users) {
      const agency = agencies.find((each) => volume === `${each}-data`);
      expect(names).toEqual(agency ? [agency, `${agency}-keys`] : [volume]);
    }
  });

  it('mounts an agency’s secrets into its own containers, read-only', () => {
    for (const [name, { volumes = [], env_file = [] }] of services) {
      for (const mount of volumes.filter((each) => each.startsWith('.'))) {
        expect(mount).toMatch(/:ro$/);
        const secret = /^\.\/\.data\/compose\/([a-z]+)\//.exec(mount);
        if (secret) expect(secret[1]).toBe(ownerOf(name) ?? 'exchange');
      }
      for (const file of env_file) expect(file).toMatch(new RegExp(`^\\.data/compose/${ownerOf(name) ?? 'kafka'}`));
    }
  });

  it('runs everything without root and without privileges', () => {
    for (const [name, { user, cap_drop, security_opt, privileged }] of services) {
      expect([name, user]).toEqual([name, expect.stringMatching(/^[1-9]\d*:[1-9]\d*$/)]);
      expect(cap_drop).toEqual(['ALL']);
      expect(security_opt).toEqual(['no-new-privileges:true']);
      expect(privileged).toBeUndefined();
    }
  });

  it('runs everything but KurrentDB on a read-only root file system', () => {
    for (const [name, { read_only, tmpfs }] of services) {
      if (name.includes('kurrentdb')) continue;
      expect([name, read_only]).toEqual([name, true]);
      expect(tmpfs?.some((each) => each.startsWith('/tmp:'))).toBe(true);
    }
  });

  it('pins each image to an exact version', () => {
    for (const [, { image }] of services) expect(image).toMatch(pinned);
  });

  it('holds no secret and no default for one: each comes from a file that must be there', () => {
    for (const [name, { environment = {}, env_file = [] }] of services) {
      for (const key of Object.keys(environment)) expect(key).not.toMatch(/PASSWORD|TOKEN|SECRET|_URL$|PEERS/);
      if (!name.endsWith('-keys')) expect(env_file).toHaveLength(1);
      // Only the short form: the long one could say `required: false`.
      for (const file of env_file) expect(typeof file).toBe('string');
    }
    const defaults = [...textOf('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)].map((match) => match[1]);
    expect(new Set(defaults)).toEqual(new Set(agencies.map((agency) => `${agency.toUpperCase()}_TRUSTED_PROXY`)));
  });

  it('leaves PostgreSQL as durable as a service demands, with the extension that its search needs', () => {
    for (const [name, { command = [] }] of stores.filter(([each]) => each.endsWith('-postgres'))) {
      expect([name, ...command]).not.toContainEqual(
        expect.stringMatching(/fsync|full_page_writes|synchronous_commit|data_sync_retry/),
      );
    }
    expect(textOf('deploy/compose/postgres-role.sh')).toContain('CREATE EXTENSION pg_trgm');
    // Without the right to run it, the image would read it into its own shell instead.
    accessSync(join(root, 'deploy/compose/postgres-role.sh'), constants.X_OK);
  });

  it('names in each node’s gossip the two others', () => {
    for (const [name, { environment = {} }] of services.filter(([each]) => each.includes('-kurrentdb-'))) {
      const others = stores.map(([each]) => each).filter((each) => each.startsWith(name.slice(0, -1)) && each !== name);
      expect(environment['KURRENTDB_GOSSIP_SEED']).toBe(others.map((each) => `${each}:2113`).join(','));
      expect(environment['KURRENTDB_NODE_HOST_ADVERTISE_AS']).toBe(name);
      expect(environment['KURRENTDB_REPLICATION_HOST_ADVERTISE_AS']).toBe(name);
    }
  });
});
