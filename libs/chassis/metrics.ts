// What a service measures about itself, for Prometheus. Names carry their unit; labels are few and bounded, and none
// holds a person, a record or a search word.
import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

const durations = [0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 3, 10];

/** Figures that are read when somebody looks. Each answers at once or rejects; a rejected one is left out. */
export type Readings = {
  readonly storePosition: () => Promise<number>;
  readonly viewPosition: () => number;
  readonly logSize: () => number;
  readonly peers: () => readonly { readonly origin: string; readonly size: number; readonly state: string }[];
  readonly cosigned: () => readonly { readonly origin: string; readonly witness: string; readonly size: number }[];
};

export class Metrics {
  readonly registry = new Registry();
  private readonly http: Histogram<'method' | 'route' | 'status'>;
  private readonly asks: Counter<'decider' | 'command' | 'outcome'>;
  private readonly appends: Histogram;
  private readonly signIns: Counter<'outcome'>;
  private readonly faults: Counter<'part'>;
  private readonly forks: Counter<'origin'>;
  private readonly damages: Counter<'part' | 'outcome'>;

  constructor() {
    const registers = [this.registry];
    const histogram = { registers, buckets: durations };
    this.http = new Histogram({
      ...histogram,
      name: 'sanfang_http_seconds',
      help: 'Time to answer a request',
      labelNames: ['method', 'route', 'status'],
    });
    this.asks = new Counter({
      registers,
      name: 'sanfang_asks_total',
      help: 'Commands by outcome: ok, repeated, nothing, or the refusal code',
      labelNames: ['decider', 'command', 'outcome'],
    });
    this.appends = new Histogram({ ...histogram, name: 'sanfang_append_seconds', help: 'Time of one append' });
    this.signIns = new Counter({
      registers,
      name: 'sanfang_sign_ins_total',
      help: 'Attempts to sign in by outcome',
      labelNames: ['outcome'],
    });
    this.faults = new Counter({
      registers,
      name: 'sanfang_faults_total',
      help: 'What went wrong inside, by part of the service',
      labelNames: ['part'],
    });
    this.forks = new Counter({
      registers,
      name: 'sanfang_forks_total',
      help: 'Contradictions found in what a log signed; any value but 0 needs a person',
      labelNames: ['origin'],
    });
    this.damages = new Counter({
      registers,
      name: 'sanfang_damage_total',
      help: 'Damage that the scrub found in what is kept, by outcome: healed, or open, which needs a person',
      labelNames: ['part', 'outcome'],
    });
  }

  asked(decider: string, command: string, outcome: string): void {
    this.asks.inc({ decider, command, outcome });
  }
  appended(seconds: number): void {
    this.appends.observe(seconds);
  }
  signedIn(outcome: string): void {
    this.signIns.inc({ outcome });
  }
  faulted(part: string): void {
    this.faults.inc({ part });
  }

  forked(origin: string): void {
    this.forks.inc({ origin });
  }

  damaged(part: string, outcome: 'healed' | 'open'): void {
    this.damages.inc({ part, outcome });
  }

  watchHttp(http: FastifyInstance): void {
    http.addHook('onResponse', (request, reply, done) => {
      // The pattern, not the address: addresses are without number and may name a record.
      const route = request.routeOptions.url ?? 'none';
      const labels = { method: request.method, route, status: String(reply.statusCode) };
      this.http.observe(labels, reply.elapsedTime / 1000);
      done();
    });
  }

  watchParts(readings: Readings): void {
    collectDefaultMetrics({ register: this.registry });
    const gauge = (name: string, help: string, read: () => number | Promise<number>): void => {
      new Gauge({
        registers: [this.registry],
        name,
        help,
        async collect() {
          // A part that cannot be read is missing from the answer, which is what an alert looks for.
          try {
            this.set(await read());
          } catch {
            this.remove();
          }
        },
      });
    };
    gauge('sanfang_store_position', 'Position of the last stored event', readings.storePosition);
    gauge('sanfang_view_position', 'Position that every view has passed', readings.viewPosition);
    gauge('sanfang_view_lag_events', 'Stored events that some view has not seen', async () =>
      Math.max(0, (await readings.storePosition()) - readings.viewPosition()),
    );
    gauge('sanfang_log_size', 'Entries under the last signed checkpoint', readings.logSize);
    this.watchPeers(readings.peers);
    const { cosigned } = readings;
    new Gauge({
      registers: [this.registry],
      labelNames: ['origin', 'witness'],
      name: 'sanfang_cosigned_size',
      help: 'Entries of a log that a witness has cosigned, as far as this agency knows',
      collect() {
        for (const { origin, witness, size } of cosigned()) this.set({ origin, witness }, size);
      },
    });
  }

  /** Silent agencies: no anchor of their journal for two cadences. */
  watchAnchors(states: () => Promise<readonly { readonly origin: string; readonly missing: boolean }[]>): void {
    new Gauge({
      registers: [this.registry],
      labelNames: ['origin'],
      name: 'sanfang_anchor_missing',
      help: '1 while an agency, the own one included, has shown no anchor of its journal for two cadences',
      async collect() {
        try {
          for (const { origin, missing } of await states()) this.set({ origin }, missing ? 1 : 0);
        } catch {
          this.reset();
        }
      },
    });
  }

  private watchPeers(peers: Readings['peers']): void {
    const registers = [this.registry];
    const labelNames = ['origin'];
    new Gauge({
      registers,
      labelNames,
      name: 'sanfang_inbox_size',
      help: 'Verified entries held of a peer’s log',
      collect() {
        for (const { origin, size } of peers()) this.set({ origin }, size);
      },
    });
    new Gauge({
      registers,
      labelNames,
      name: 'sanfang_peer_following',
      help: '1 while a peer is followed, 0 while it is out of reach, -1 when it was stopped for a contradiction',
      collect() {
        const values: Readonly<Record<string, number>> = { following: 1, unreachable: 0, stopped: -1 };
        for (const { origin, state } of peers()) this.set({ origin }, values[state] ?? 0);
      },
    });
  }
}
