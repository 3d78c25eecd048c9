// Real Kafka brokers for tests: one or three nodes, each controller and broker at once (KRaft), on loopback, in a
// temporary folder. They end with the test process, however that ends.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { freePorts } from '#chassis/free-ports';
import { guarded } from './guarded';
import type { Guard, Secure } from './guarded';
import { kafkaJars } from './kafka-jars';

const jars = kafkaJars();
/** `describe` where a broker can run; elsewhere the tests are skipped under a title that says why. */
export const describeWithKafka = (title: string, tests: () => void): void => {
  if ('missing' in jars) describe.skip(`${title} [skipped: ${jars.missing}]`, tests);
  else describe(title, tests);
};

// Small and quick to start; the figures of a test broker are nobody's concern.
const java = ['-Xms48m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const clusterId = 'c2FuZmFuZy10ZXN0LTAwMA';
const readySeconds = 90;

type Properties = Readonly<Record<string, string | number | boolean>>;
type Node = { readonly id: number; readonly port: number; readonly settings: string; child?: ChildProcess };

export class Brokers {
  private constructor(
    private readonly folder: string,
    private readonly nodes: readonly Node[],
    private readonly guard?: Guard,
  ) {}

  /** Resolves when all of them answer. @param secure one broker more strictly: a listener with TLS and users beside */
  static async start(count: 1 | 3 = 1, secure?: Secure): Promise<Brokers> {
    const folder = mkdtempSync(join(tmpdir(), 'sanfang-kafka-'));
    const guard = secure && (await guarded(folder, secure.users));
    const ports = await freePorts(2 * count);
    const voters = Array.from({ length: count }, (_, n) => `${n + 1}@127.0.0.1:${ports[count + n]}`).join(',');
    const nodes = Array.from({ length: count }, (_, n): Node => {
      const settings = join(folder, `${n + 1}.properties`);
      const ownPorts = { client: ports[n] as number, controller: ports[count + n] as number };
      const plain = propertiesOf(n + 1, count, ownPorts, voters, join(folder, `data-${n + 1}`));
      writeFileSync(settings, lines({ ...plain, ...guard?.properties(ownPorts) }));
      return { id: n + 1, port: ownPorts.client, settings };
    });
    const brokers = new Brokers(folder, nodes, guard);
    try {
      const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, ...(guard?.format ?? []), '-c'];
      await Promise.all(nodes.map(({ settings }) => promisify(execFile)('java', words([...format, settings]))));
      for (const { id } of nodes) brokers.launch(id);
      await brokers.ready();
      return brokers;
    } catch (error) {
      await brokers.end();
      throw error;
    }
  }

  /** `host:port` of each, also of those that are down. */
  get addresses(): string[] {
    return this.nodes.map(({ port }) => `127.0.0.1:${port}`);
  }

  /** A `…_KAFKA_URL` for them. */
  get url(): string {
    return `kafka://${this.addresses.join(',')}?replication=${this.nodes.length}`;
  }

  /** The same for a user of the listener with TLS. */
  urlFor(user: string, password: string): string {
    if (!this.guard) throw new Error('these brokers have no users');
    const { port, certificate } = this.guard;
    return `kafka://${user}:${password}@127.0.0.1:${port}?tls=true&sasl=scram-sha-512&ca=${certificate}&replication=1`;
  }

  get ids(): number[] {
    return this.nodes.map(({ id }) => id);
  }

  /** A plain client, to look at topics and to write into them what no agency would. */
  client(): Kafka {
    const retry = { retries: 20, initialRetryTime: 200, maxRetryTime: 1_000 };
    return new Kafka({ clientId: 'test', brokers: this.addresses, logLevel: logLevel.NOTHING, retry });
  }

  /** As a power cut would. */
  async kill(id: number): Promise<void> {
    const { child } = this.node(id);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Stops answering, keeps its connections; `goOn` ends that. */
  hang(id: number): void {
    this.node(id).child?.kill('SIGSTOP');
  }

  goOn(id: number): void {
    this.node(id).child?.kill('SIGCONT');
  }

  /** Starts one again; does not wait for it. */
  launch(id: number): void {
    const node = this.node(id);
    const child = spawn('java', words(['kafka.Kafka', node.settings]), { stdio: 'ignore' });
    node.child = child;
    // A shell that sleeps on a pipe from this process: the pipe closes however the process ends.
    const undertaker = ['-c', 'read _; kill -9 "$0" 2>/dev/null', String(child.pid)];
    const guard = spawn('/bin/sh', undertaker, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    child.once('exit', () => guard.kill('SIGKILL'));
    guard.unref();
    (guard.stdin as unknown as { unref(): void }).unref();
  }

  /** Resolves when all brokers are in the cluster. */
  async ready(): Promise<void> {
    const end = performance.now() + readySeconds * 1_000;
    for (;;) {
      const admin = this.client().admin({ retry: { retries: 0 } });
      try {
        await admin.connect();
        const { brokers, controller } = await admin.describeCluster();
        if (brokers.length === this.nodes.length && controller !== null) return;
      } catch (error) {
        if (performance.now() > end) throw new Error(`the brokers are not ready: ${(error as Error).message}`);
      } finally {
        await admin.disconnect().catch(() => undefined);
      }
      if (performance.now() > end) throw new Error('not all brokers came up');
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.nodes.map(({ id }) => this.kill(id)));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private node(id: number): Node {
    const node = this.nodes.find((each) => each.id === id);
    if (!node) throw new Error(`there is no broker ${id}`);
    return node;
  }
}

function words(program: readonly string[]): string[] {
  if ('missing' in jars) throw new Error(jars.missing);
  return [...java, '-cp', jars.classPath, ...program];
}

function propertiesOf(
  id: number,
  count: number,
  ports: { client: number; controller: number },
  voters: string,
  data: string,
): Properties {
  const insync = Math.max(1, count - 1);
  return {
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': voters,
    listeners: `PLAINTEXT://127.0.0.1:${ports.client},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.client}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    'auto.create.topics.enable': false,
    'default.replication.factor': count,
    'min.insync.replicas': insync,
    'offsets.topic.replication.factor': count,
    'offsets.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'num.network.threads': 2,
    'num.io.threads': 2,
    'background.threads': 2,
    'log.cleaner.dedupe.buffer.size': 4_194_304,
    // A broker that was killed is missed and taken back quickly.
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 500,
    'controlled.shutdown.enable': false,
  };
}

function lines(properties: Properties): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
