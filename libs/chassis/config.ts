// All settings of a service, read once. A service with a doubtful setting does not start: it lists every fault at once,
// with what is wrong and what to write instead, so that an administrator does not have to try again and again.
import { statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { agencies } from '#kernel/envelope';
import type { Agency } from '#kernel/envelope';
import { profiles } from './ciphers/by-name';
import { databaseUrl, eventStoreUrl, host, kafkaUrl, number, origin, peers, port, whole } from './config-forms';
import type { peer } from './config-forms';

export type PeerConfig = {
  readonly agency: Agency;
  /** Where its feed answers, whose log lies under `/log`; only ever taken from here (ASVS 1.3.6). */
  readonly url: string;
  /** Origin of its log, which is also the name of its key. */
  readonly origin: string;
  /** Absent = read from the trust folder, which agencies on one machine share. */
  readonly vkey?: string;
  /** Verifier key of its witness, found in the same way. */
  readonly witness?: string;
  /** SM2 verifier key of its log, found in the same way (docs/spec/gm.md). */
  readonly sm2?: string;
};

export type Config = {
  readonly agency: Agency;
  /** The agency's own folder, absolute. */
  readonly folder: string;
  /** Where agencies on one machine leave their verifier keys for each other, absolute. */
  readonly trustFolder: string;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** Address for the feed to listen on: the network between agencies, where people are on another. */
  readonly feedHost: string;
  /** Where the shared log is served, apart from people's port; 0 = any free port. */
  readonly feedPort: number;
  /** Absent = the embedded PostgreSQL under `folder`. */
  readonly databaseUrl?: string;
  /** `esdb://…`; absent = the event store in the agency's PostgreSQL. */
  readonly eventStoreUrl?: string;
  /** `kafka://…`; absent = peers read each other's log over HTTP alone. */
  readonly kafkaUrl?: string;
  readonly origin: string;
  readonly peers: readonly PeerConfig[];
  /** `gm`: SM2 lines on the own checkpoints and demanded of peers that announce them; SM4 at rest. */
  readonly profile: 'intl' | 'gm';
  /** Whether the peers are given sealed copies of all own events (docs/spec/copies.md). */
  readonly eventCopies: 'sealed' | 'none';
  /** Trust policy (C2SP tlog-policy), absolute; absent = every log needs the witnesses of all peers. */
  readonly policyFile?: string;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly metricsToken?: string;
  readonly sessionIdleMinutes: number;
  readonly sessionAbsoluteHours: number;
  /** Requests per account and minute. */
  readonly apiPerMinute: number;
  /** Steps of the scrub in a second, each of 256 entries with their files; 0 = no scrub. */
  readonly scrubPerSecond: number;
  /** Seconds from one anchor of the journal to the next. */
  readonly anchorSeconds: number;
  /** Addresses of the TLS proxy in front; only what comes through it may name another sender's address. */
  readonly trustedProxy?: string;
};

export type ConfigFault = { readonly name: string; readonly what: string; readonly remedy: string };

export class BadConfig extends Error {
  override readonly name = 'BadConfig';
  constructor(readonly faults: readonly ConfigFault[]) {
    super(
      `the service does not start, ${faults.length} setting(s) to correct:\n` +
        faults.map(({ name, what, remedy }) => `  ${name}: ${what}; ${remedy}`).join('\n'),
    );
  }
}

const firstPort = 8801;
/** Each setting's form, with its meaning as the description: the file `.env.example` is made from it. */
function schemaOf(agency: Agency) {
  const own = agency.toUpperCase();
  return z.object({
    SANFANG_DATA: z.string().default('.data').describe('Data folder of all agencies on this machine'),
    SANFANG_HOST: host.default('127.0.0.1').describe('Address for people to reach'),
    SANFANG_FEED_HOST: host.optional().describe('Address for peers to reach the feeds; unset = SANFANG_HOST'),
    SANFANG_PORT: port
      .max(65_530)
      .default(firstPort)
      .describe('First of six ports: commission, organization, inspection, and in the same order their feeds'),
    [`${own}_PORT`]: port.optional().describe('Port of this agency; unset = by SANFANG_PORT; 0 = any free port'),
    [`${own}_FEED_PORT`]: port.optional().describe('Port of its feed for peers; unset = by SANFANG_PORT; 0 = any free'),
    [`${own}_DATABASE_URL`]: databaseUrl.optional().describe('postgres://…; unset = embedded PostgreSQL'),
    [`${own}_EVENT_STORE_URL`]: eventStoreUrl.optional().describe('esdb://…; unset = the agency’s PostgreSQL'),
    [`${own}_KAFKA_URL`]: kafkaUrl.optional().describe('kafka://…; unset = shared stream over HTTP alone'),
    [`${own}_ORIGIN`]: origin.default(defaultOrigin(agency)).describe('Name of this agency’s log: host/path'),
    [`${own}_PEERS`]: peers
      .optional()
      .describe('JSON [{"agency","url" of its feed,"origin"?,"vkey"?,"witness"?,"sm2"?}]; unset = this machine'),
    SANFANG_PROFILE: z
      .enum(profiles)
      .default('intl')
      .describe('intl, or gm: checkpoints are signed by SM2 as well, SM4 encrypts at rest'),
    EVENT_COPIES: z
      .enum(['sealed', 'none'])
      .default('sealed')
      .describe(
        'sealed: peers keep copies of all events that only this agency opens, for when its store is lost; or none',
      ),
    TRUST_POLICY: z.string().optional().describe('Trust policy file; unset = both peers must cosign what is final'),
    LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('debug, info, warn or error'),
    METRICS_TOKEN: z.string().min(16).optional().describe('Bearer token for /metrics; unset = loopback only'),
    SESSION_IDLE_MINUTES: whole(5, 480, 60).describe('Minutes without use after which a session ends'),
    SESSION_ABSOLUTE_HOURS: whole(1, 24, 8).describe('Hours after which it ends anyway'),
    API_PER_MINUTE: whole(60, 1_000_000, 600).describe('Requests that an account may make in a minute'),
    SCRUB_PER_SECOND: number(0, 1_000, 4).describe(
      'Steps of 256 entries in a second in which all that is kept is checked and healed; 0 = never',
    ),
    ANCHOR_EVERY: whole(1, 3_600, 600).describe(
      'Seconds from one anchor of the private journal to the next, also when nothing happens',
    ),
    TRUSTED_PROXY: z
      .string()
      .regex(/^[0-9a-f.:/, ]+$/i, 'not a list of addresses')
      .optional()
      .describe('Addresses of the TLS proxy in front of the service, separated by commas; unset = none'),
  });
}

/** @throws BadConfig with all faults */
export function readConfig(agency: Agency, environment: Readonly<Record<string, string | undefined>>): Config {
  const schema = schemaOf(agency);
  // An empty variable is an unset one: compose files and shells cannot always leave one out.
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const faults = unknownOf(agency, Object.keys(given), Object.keys(schema.shape));
  const result = schema.safeParse(given);
  if (!result.success) {
    for (const issue of result.error.issues) faults.push(faultOf(schema, issue));
    throw new BadConfig(faults);
  }
  const values: Record<string, unknown> = result.data;
  const own = agency.toUpperCase();
  const listed = values[`${own}_PEERS`] as z.output<typeof peers> | undefined;
  faults.push(...peerFaults(agency, `${own}_PEERS`, listed ?? []));
  faults.push(...folderFaults(values['SANFANG_DATA'] as string));
  if (faults.length > 0) throw new BadConfig(faults);
  return configOf(agency, values, listed);
}

function configOf(agency: Agency, values: Record<string, unknown>, listed: z.output<typeof peers> | undefined): Config {
  const own = agency.toUpperCase();
  const first = values['SANFANG_PORT'] as number;
  const data = values['SANFANG_DATA'] as string;
  const root = isAbsolute(data) ? data : resolve(data);
  const host = values['SANFANG_HOST'] as string;
  const feedHost = (values['SANFANG_FEED_HOST'] as string | undefined) ?? host;
  const localPeers = agencies.filter((other) => other !== agency).map((other) => localPeer(other, feedHost, first));
  return {
    agency,
    folder: join(root, agency),
    trustFolder: join(root, 'trust'),
    host,
    feedHost,
    port: (values[`${own}_PORT`] as number | undefined) ?? portOf(agency, first),
    feedPort: (values[`${own}_FEED_PORT`] as number | undefined) ?? feedPortOf(agency, first),
    ...optional('databaseUrl', values[`${own}_DATABASE_URL`]),
    ...optional('eventStoreUrl', values[`${own}_EVENT_STORE_URL`]),
    ...optional('kafkaUrl', values[`${own}_KAFKA_URL`]),
    origin: values[`${own}_ORIGIN`] as string,
    peers: listed?.map((each) => withDefaults(each)) ?? localPeers,
    profile: values['SANFANG_PROFILE'] as Config['profile'],
    eventCopies: values['EVENT_COPIES'] as Config['eventCopies'],
    ...optional('policyFile', absolute(values['TRUST_POLICY'] as string | undefined)),
    logLevel: values['LOG_LEVEL'] as Config['logLevel'],
    ...optional('metricsToken', values['METRICS_TOKEN']),
    sessionIdleMinutes: values['SESSION_IDLE_MINUTES'] as number,
    sessionAbsoluteHours: values['SESSION_ABSOLUTE_HOURS'] as number,
    apiPerMinute: values['API_PER_MINUTE'] as number,
    scrubPerSecond: values['SCRUB_PER_SECOND'] as number,
    anchorSeconds: values['ANCHOR_EVERY'] as number,
    ...optional('trustedProxy', values['TRUSTED_PROXY']),
  };
}

/** Listening on it means on all addresses of the machine; it is none that somebody could ask. */
export function isAnyAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** Only this machine reaches it. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host);
}

export function httpUrl(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

export function defaultOrigin(agency: Agency): string {
  return `${agency}.sanfang.example/events/v1`;
}

/** Text of `.env.example`, from the schemas of all agencies: what all share once, then each agency's own. */
export function exampleEnvironment(): string {
  const lines = [
    '# Settings of the services; this file is made from libs/chassis/config.ts. A line that starts with "#" is unset.',
  ];
  const written = new Set<string>();
  for (const agency of agencies) {
    for (const [name, form] of Object.entries(schemaOf(agency).shape)) {
      if (written.has(name)) continue;
      written.add(name);
      const unset = form instanceof z.ZodDefault ? String(form.def.defaultValue) : '';
      lines.push('', `# ${form.description}`, `#${name}=${unset}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function unknownOf(agency: Agency, names: readonly string[], known: readonly string[]): ConfigFault[] {
  return names
    .filter((name) => name.startsWith(`${agency.toUpperCase()}_`) && !known.includes(name))
    .map((name) => ({ name, what: 'there is no such setting', remedy: `known are ${known.join(', ')}` }));
}

function faultOf(schema: ReturnType<typeof schemaOf>, issue: z.core.$ZodIssue): ConfigFault {
  const name = String(issue.path[0]);
  const form = (schema.shape as Record<string, z.ZodType>)[name];
  // The value itself is not repeated: it may be a secret.
  return { name, what: issue.message, remedy: `write: ${form?.description ?? 'a value of its form'}` };
}

function folderFaults(data: string): ConfigFault[] {
  const found = statSync(resolve(data), { throwIfNoEntry: false });
  if (!found || found.isDirectory()) return [];
  return [{ name: 'SANFANG_DATA', what: 'names a file', remedy: 'write: a folder, which is made when it is missing' }];
}

function peerFaults(agency: Agency, name: string, listed: z.output<typeof peers>): ConfigFault[] {
  const named = listed.map((each) => each.agency);
  const faults: ConfigFault[] = [];
  if (named.includes(agency)) faults.push({ name, what: 'names this agency itself', remedy: 'list only the others' });
  if (new Set(named).size < named.length)
    faults.push({ name, what: 'names an agency twice', remedy: 'list each once' });
  return faults;
}

function withDefaults({ agency, url, origin: named, ...keys }: z.output<typeof peer>): PeerConfig {
  const { vkey: log, witness, sm2 } = keys;
  return {
    agency,
    url: url.replace(/\/+$/, ''),
    origin: named ?? defaultOrigin(agency),
    ...optional('vkey', log),
    ...optional('witness', witness),
    ...optional('sm2', sm2),
  };
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function localPeer(agency: Agency, feedHost: string, first: number): PeerConfig {
  const host = isAnyAddress(feedHost) ? '127.0.0.1' : feedHost;
  return { agency, url: httpUrl(host, feedPortOf(agency, first)), origin: defaultOrigin(agency) };
}

function portOf(agency: Agency, first: number): number {
  return first + agencies.indexOf(agency);
}

function feedPortOf(agency: Agency, first: number): number {
  return first + agencies.length + agencies.indexOf(agency);
}

function optional<Name extends string>(name: Name, value: unknown): { [K in Name]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: string };
}

// node dist/libs/chassis/config.js > .env.example
if (require.main === module) process.stdout.write(exampleEnvironment());
