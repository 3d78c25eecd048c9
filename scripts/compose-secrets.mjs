// Everything secret that docker-compose.yml asks for, made once on the machine that is to run it: passwords, certificates,
// the agencies' log and witness keys and each other's verifier keys. `node scripts/compose-secrets.mjs [--out DIR] [--domain NAME]`.
// Nothing is ever overwritten: volumes that were made with one password do not open with another.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled, fail, root } from './ensure.mjs';

const feedPorts = { commission: 8804, organization: 8805, inspection: 8806 };
const agencies = Object.keys(feedPorts);
const nodes = [1, 2, 3];
const authorityDays = 3650;
const nodeDays = 1825;

const { out, domain } = options();
if (existsSync(out)) fail(`${out} is already there: its passwords belong to volumes. Remove both to begin anew.`);
ensureInstalled();
const { build } = await import('./build.mjs');
await build({ web: false });
const load = createRequire(import.meta.url);
const { COSIGNER_KEY_TYPE, formatVkey, LOG_KEY_TYPE, signingKey } = load(join(root, 'dist/libs/tlog/key.js'));
const { witnessName } = load(join(root, 'dist/libs/chassis/keys.js'));

// Containers are other users: what they mount must be readable whatever the mask of whoever runs this.
process.umask(0o022);
mkdirSync(dirname(out), { recursive: true });
// Made beside and renamed when whole: a run that was broken off leaves nothing that looks like secrets.
const draft = mkdtempSync(`${out}.draft-`);
try {
  makeAll();
  renameSync(draft, out);
} catch (error) {
  rmSync(draft, { recursive: true, force: true });
  fail(error.message);
}
process.stdout.write(
  `${out} is ready. Certificates end in ${nodeDays} days. Next: docker compose up --build --detach\n`,
);

function options() {
  try {
    const { values } = parseArgs({ options: { out: { type: 'string' }, domain: { type: 'string' } } });
    const { out: folder = join(root, '.data/compose'), domain: name = 'sanfang.example' } = values;
    if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(name)) throw new Error(`${name} is not a domain name`);
    return { out: resolve(folder), domain: name };
  } catch (error) {
    return fail(`${error.message}\nusage: node scripts/compose-secrets.mjs [--out DIR] [--domain NAME]`);
  }
}

function makeAll() {
  const keys = Object.fromEntries(agencies.map((agency) => [agency, keysOf(agency)]));
  const kafkaPasswords = Object.fromEntries(agencies.map((agency) => [agency, password()]));
  const exchange = authority('exchange');
  for (const agency of agencies) makeAgency(agency, { keys, exchange, kafkaPasswords });
  for (const n of nodes) {
    const { key, certificate } = issue(exchange, 'kafka-broker', [`kafka-${n}`, 'localhost']);
    // Kafka wants key and certificate in one PEM file.
    mounted(`exchange/kafka-${n}/node.pem`, `${key}${certificate}`);
    mounted(`exchange/kafka-${n}/ca.crt`, exchange.certificate);
  }
  environment('kafka', {
    // 16 random bytes in base64url, the form of Kafka's cluster ids.
    KAFKA_CLUSTER_ID: randomBytes(16).toString('base64url'),
    ...Object.fromEntries(agencies.map((agency) => [`${agency.toUpperCase()}_PASSWORD`, kafkaPasswords[agency]])),
  });
}

function makeAgency(agency, { keys, exchange, kafkaPasswords }) {
  const own = authority(agency);
  const [databasePassword, storePassword] = [password(), password()];
  const stores = nodes.map((n) => `${agency}-kurrentdb-${n}`);
  for (const name of stores) {
    const { key, certificate } = issue(own, 'eventstoredb-node', [name, 'localhost']);
    const folder = `${agency}/${name}`;
    mounted(`${folder}/node.key`, key);
    mounted(`${folder}/node.crt`, certificate);
    mounted(`${folder}/ca/ca.crt`, own.certificate);
  }
  for (const role of ['log', 'witness']) {
    mounted(`${agency}/keys/${role}.seed`, `${keys[agency][role].seed.toString('base64')}\n`);
  }
  mounted(`${agency}/trust/kurrentdb-ca.crt`, own.certificate);
  mounted(`${agency}/trust/exchange-ca.crt`, exchange.certificate);
  environment(`${agency}-postgres`, { POSTGRES_PASSWORD: password(), SANFANG_ROLE_PASSWORD: databasePassword });
  environment(`${agency}-kurrentdb`, {
    KURRENTDB_DEFAULT_ADMIN_PASSWORD: storePassword,
    KURRENTDB_DEFAULT_OPS_PASSWORD: password(),
  });
  const brokers = nodes.map((n) => `kafka-${n}:9092`).join(',');
  const peers = agencies
    .filter((other) => other !== agency)
    .map((other) => ({
      agency: other,
      url: `http://${other}-feed:${feedPorts[other]}`,
      origin: originOf(other),
      vkey: keys[other].log.vkey,
      witness: keys[other].witness.vkey,
    }));
  const prefix = agency.toUpperCase();
  environment(agency, {
    [`${prefix}_ORIGIN`]: originOf(agency),
    [`${prefix}_DATABASE_URL`]: `postgres://sanfang:${databasePassword}@${agency}-postgres:5432/sanfang`,
    [`${prefix}_EVENT_STORE_URL`]:
      `esdb://admin:${storePassword}@${stores.map((name) => `${name}:2113`).join(',')}` +
      '?tls=true&tlsCAFile=/run/sanfang/kurrentdb-ca.crt&nodePreference=leader',
    [`${prefix}_KAFKA_URL`]:
      `kafka://${agency}:${kafkaPasswords[agency]}@${brokers}` +
      '?tls=true&sasl=scram-sha-512&ca=/run/sanfang/exchange-ca.crt&replication=3',
    [`${prefix}_PEERS`]: JSON.stringify(peers),
    METRICS_TOKEN: password(),
  });
  process.stdout.write(`${agency}: ${keys[agency].log.vkey}\n${agency} witness: ${keys[agency].witness.vkey}\n`);
}

function originOf(agency) {
  return `${agency}.${domain}/events/v1`;
}

/** A seed for each role: what one key signs must never pass for what the other one does. */
function keysOf(agency) {
  const key = (name, type) => {
    const seed = randomBytes(32);
    return { seed, vkey: formatVkey(signingKey(name, type, new Uint8Array(seed))) };
  };
  const origin = originOf(agency);
  return { log: key(origin, LOG_KEY_TYPE), witness: key(witnessName(origin), COSIGNER_KEY_TYPE) };
}

/** 192 bits, without a character that a URL, a shell or a compose file would take for something else. */
function password() {
  return randomBytes(24).toString('hex');
}

/** A certificate authority for one purpose; its key stays in a file that no container sees, for the next certificates. */
function authority(name) {
  const folder = join(draft, 'authorities', name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [key, certificate] = [join(folder, 'ca.key'), join(folder, 'ca.crt')];
  openssl([
    ...['req', '-x509', '-newkey', 'rsa:3072', '-nodes', '-sha256', '-days', String(authorityDays)],
    ...['-keyout', key, '-out', certificate, '-subj', `/O=Sanfang/CN=${name} authority`],
    ...['-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  ]);
  return { folder, key, certificateFile: certificate, certificate: readFileSync(certificate, 'utf8') };
}

/** RSA, since KurrentDB reads no other private keys. */
function issue({ folder, key: signer, certificateFile }, commonName, names) {
  const stem = join(folder, names[0]);
  const [key, request, certificate, extensions] = ['key', 'csr', 'crt', 'ext'].map((end) => `${stem}.${end}`);
  // Nodes call each other, so each is a client too.
  const lines = [
    `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`,
    'extendedKeyUsage=serverAuth,clientAuth',
    'keyUsage=critical,digitalSignature,keyEncipherment',
    'basicConstraints=critical,CA:FALSE',
  ];
  writeFileSync(extensions, `${lines.join('\n')}\n`);
  openssl(
    ['req', '-newkey', 'rsa:3072', '-nodes', '-keyout', key, '-out', request].concat(
      '-subj',
      `/O=Sanfang/CN=${commonName}`,
    ),
  );
  openssl([
    ...['x509', '-req', '-sha256', '-days', String(nodeDays), '-in', request, '-out', certificate],
    ...['-CA', certificateFile, '-CAkey', signer, '-set_serial', `0x${serialOf(stem)}`, '-extfile', extensions],
  ]);
  const made = { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
  for (const file of [key, request, certificate, extensions]) rmSync(file);
  return made;
}

/** Random and positive, as RFC 5280 section 4.1.2.2 wants it. */
function serialOf(stem) {
  const digest = createHash('sha256').update(stem).update(randomBytes(16)).digest().subarray(0, 16);
  return `4${digest.toString('hex').slice(1)}`;
}

function openssl(args) {
  try {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    if (error.code === 'ENOENT')
      throw new Error('openssl is not installed: install it (Debian: apt-get install openssl)');
    throw new Error(`openssl failed: ${error.stderr}`);
  }
}

/** Read by the compose command as the user who runs it, never by a container. */
function environment(name, values) {
  // In single quotes nothing is replaced: JSON and `$` stay as they are.
  const lines = Object.entries(values).map(([key, value]) => `${key}='${value}'`);
  writeFileSync(join(draft, `${name}.env`), `${lines.join('\n')}\n`, { mode: 0o600 });
}

/**
 * A file that a container mounts. Containers run as users that this machine does not know, so the file itself is open;
 * the folder around all of them is not (0700, by mkdtemp), and a container sees only the folder that is mounted.
 */
function mounted(path, text) {
  const file = join(draft, path);
  mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
  writeFileSync(file, text, { mode: 0o644 });
}
