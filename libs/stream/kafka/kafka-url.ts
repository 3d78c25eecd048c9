// The Kafka setting, one URL: where the brokers are, who we are to them, and what their topics must promise.
//   kafka://user:pass@b1:9092,b2:9092?tls=true&sasl=scram-sha-512&ca=/etc/kafka/ca.pem&replication=3
import { z } from 'zod';

export type KafkaSettings = {
  /** `host:port`. */
  readonly brokers: readonly string[];
  /** Absent = in the clear. `ca`: path of a PEM file; absent = the authorities of the machine. */
  readonly tls?: { readonly ca?: string };
  readonly sasl?: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string };
  /** Replicas that a topic must have at least. */
  readonly replication: number;
  /** Of those, how many must have a message before it counts as sent: all but one. */
  readonly minInsync: number;
};

export type SaslMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';

export class BadKafkaUrl extends Error {
  override readonly name = 'BadKafkaUrl';
  /** None of them repeats a value: it may be a secret. */
  constructor(readonly faults: readonly string[]) {
    super(`not a usable Kafka URL: ${faults.join('; ')}`);
  }
}

const usualReplication = '3';
const form = 'kafka://user:pass@host:port,host:port?tls=true&sasl=scram-sha-512&ca=/path&replication=3';
const broker = z.string().refine(isBroker, 'a broker is host:port');
const flag = z.enum(['true', 'false'], 'tls is true or false').default('false');
const mechanisms = z.enum(['plain', 'scram-sha-256', 'scram-sha-512'], 'sasl is plain, scram-sha-256 or scram-sha-512');

const parts = z
  .strictObject(
    {
      brokers: z.array(broker).min(1),
      user: z.string().optional(),
      password: z.string().optional(),
      tls: flag,
      sasl: mechanisms.optional(),
      ca: z.string().startsWith('/', 'ca is an absolute path').optional(),
      replication: z
        .string()
        .regex(/^[1-9]$/, 'replication is 1 to 9')
        .default(usualReplication),
    },
    { error: (issue) => (issue.code === 'unrecognized_keys' ? `unknown: ${issue.keys?.join(', ')}` : undefined) },
  )
  .superRefine(({ user, password, tls, sasl, ca, brokers }, context) => {
    const fault = (message: string): void => context.addIssue({ code: 'custom', message });
    if (sasl && !(user && password)) fault('sasl needs user:password before the brokers');
    if (!sasl && (user || password)) fault('a user needs sasl=…');
    if (sasl === 'plain' && tls !== 'true') fault('sasl=plain shows the password to the network without tls=true');
    if (ca !== undefined && tls !== 'true') fault('ca needs tls=true');
    if (new Set(brokers).size < brokers.length) fault('a broker is named twice');
  });

/** @throws BadKafkaUrl with all faults */
export function parseKafkaUrl(text: string): KafkaSettings {
  // Not `new URL`: several hosts with ports are no URL to it.
  const [, credentials, hosts, query = ''] = /^kafka:\/\/(?:([^@/]*)@)?([^@/?#]+)\/?(?:\?([^#]*))?$/.exec(text) ?? [];
  if (hosts === undefined) throw new BadKafkaUrl([`write ${form}`]);
  const given = new URLSearchParams(query);
  const twice = [...new Set(given.keys())].filter((name) => given.getAll(name).length > 1);
  const [user, password] = decoded(credentials);
  const own = { brokers: hosts.split(','), ...(user && { user }), ...(password && { password }) };
  const result = parts.safeParse({ ...Object.fromEntries(given), ...own });
  const faults = twice.map((name) => `${name} is given twice`);
  if (!result.success) faults.push(...result.error.issues.map(({ message }) => message));
  if (faults.length > 0) throw new BadKafkaUrl(faults);
  return settingsOf(result.data!);
}

/** Brokers alone, for logs: no user and no password. */
export function shownBrokers({ brokers }: Pick<KafkaSettings, 'brokers'>): string {
  return brokers.join(',');
}

function settingsOf({ brokers, user, password, tls, sasl, ca, replication }: z.output<typeof parts>): KafkaSettings {
  const replicas = Number(replication);
  return {
    brokers,
    ...(tls === 'true' && { tls: ca === undefined ? {} : { ca } }),
    ...(sasl && { sasl: { mechanism: sasl, username: user!, password: password! } }),
    replication: replicas,
    minInsync: Math.max(1, replicas - 1),
  };
}

function decoded(credentials: string | undefined): string[] {
  try {
    const [user = '', ...rest] = (credentials ?? '').split(':');
    return [decodeURIComponent(user), decodeURIComponent(rest.join(':'))];
  } catch {
    throw new BadKafkaUrl(['user and password are percent-encoded']);
  }
}

function isBroker(text: string): boolean {
  const [, port] = /^(?:[a-zA-Z0-9.-]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/.exec(text) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}
