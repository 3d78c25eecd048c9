// What a server at the other end of a network does to its clients, done on purpose: no event may be lost or doubled, no
// reader may take a broken call for the end, and nobody may wait for an answer that never comes.
import { status } from '@grpc/grpc-js';
import { startTestPostgres, type TestPostgres } from '#testing/postgres';
import { host, ProtocolNode } from '../../../test/node/protocol-node';
import { memoryKept } from '../../../test/node/node-log';
import { all, fact, facts, given, Listener, names, refusal } from '../contract/samples';
import { Unavailable, WrongExpectedRevision } from '../event-store';
import { openPgStore } from '../pg/pg-store';
import { type EsdbStore, openEsdbStore } from './esdb-store';

jest.setTimeout(120_000);

/** Until it holds; the test's own time limit is the bound. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Appends one event after another, each repeated until its outcome is known. Returns the ids acknowledged. */
async function write(store: EsdbStore, stream: string, count: number): Promise<string[]> {
  const told: string[] = [];
  for (let n = 0; n < count; n++) {
    const event = fact({ n });
    const expected = n === 0 ? 'no_stream' : BigInt(n - 1);
    for (let done = false; !done;) {
      try {
        done = (await store.append(stream, [event], expected)).revision === BigInt(n);
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error;
      }
    }
    told.push(event.id);
  }
  return told;
}

describe('the event store on EventStoreDB’s protocol', () => {
  let node: ProtocolNode;
  let store: EsdbStore;
  beforeEach(async () => {
    node = await ProtocolNode.start();
    store = await openEsdbStore({ url: node.url });
  });
  afterEach(async () => {
    await store.close();
    await node.kill();
  });

  it.each([
    ['cancels', status.CANCELLED],
    ['is not ready', status.UNAVAILABLE],
    ['fails', status.UNKNOWN],
  ])('goes on after the last event when the server %s, and loses and doubles none', async (_what, code) => {
    const listener = new Listener(store);
    await listener.hasCaughtUp();
    const writing = write(store, 'issue-1', 120);
    for (let drops = 0; drops < 4; drops++) {
      await listener.saw(25 * drops + 1);
      node.drop(code);
    }
    const told = await writing;
    expect((await listener.saw(120)).map(({ id }) => id)).toEqual(told);
    expect(listener.caughtUp).toHaveLength(1);
    await listener.stop();
  });

  it('asks again with the same ids when no answer comes, and the event is there once', async () => {
    await store.close();
    store = await openEsdbStore({ url: node.url, patience: { attemptMs: 300, appendMs: 60_000 } });
    node.unanswered = 2;
    expect((await store.append('issue-1', facts(2), 'no_stream')).revision).toBe(1n);
    expect(node.appends).toBeGreaterThanOrEqual(3);
    expect(await all(store.readAll())).toHaveLength(2);
  });

  it('says that the outcome is unknown when no answer comes at all, and a later repetition finds it out', async () => {
    await store.close();
    store = await openEsdbStore({ url: node.url, patience: { attemptMs: 200, appendMs: 500 } });
    node.unanswered = 1_000;
    const events = facts(1);
    expect(await refusal(store.append('issue-1', events, 'no_stream'))).toBeInstanceOf(Unavailable);
    expect(store.isWritable()).toBe(false);
    node.unanswered = 0;
    expect((await store.append('issue-1', events, 'no_stream')).revision).toBe(0n);
    expect(store.isWritable()).toBe(true);
    expect(await all(store.readAll())).toHaveLength(1);
    expect(await refusal(store.append('issue-1', facts(1), 'no_stream'))).toBeInstanceOf(WrongExpectedRevision);
  });

  it('waits for a server that is not ready yet', async () => {
    node.refused = 3;
    expect((await store.append('issue-1', facts(1), 'no_stream')).revision).toBe(0n);
    expect(await all(store.readAll())).toHaveLength(1);
  });

  it('ends the call on the server when a reader breaks off', async () => {
    await given(store, 'issue-1', 3_000);
    for await (const { revision } of store.readAll()) if (revision === 5n) break;
    for await (const { revision } of store.readStream('issue-1')) if (revision === 5n) break;
    await until(() => node.open === 0);
    const listener = new Listener(store);
    await listener.saw(1);
    await listener.stop();
    await until(() => node.open === 0);
  });

  it('closes at once after many reads that were broken off at their first event', async () => {
    await given(store, 'issue-1', 30);
    for (let n = 0; n < 300; n++) await store.head();
    for (let n = 0; n < 300; n++) for await (const _ of store.readStream('issue-1', { limit: 1 })) break;
    const held = new Promise((resolve) => setTimeout(resolve, 30_000, 'held').unref());
    expect(await Promise.race([store.close().then(() => 'closed'), held])).toBe('closed');
  });

  it('tells a reader whose call breaks that it broke, and never that this was the end', async () => {
    for (let n = 0; n < 20; n++) await store.append('issue-1', facts(500), n === 0 ? 'no_stream' : BigInt(500 * n - 1));
    for (const read of [() => store.readAll(), () => store.readStream('issue-1')]) {
      let seen = 0;
      const reading = (async () => {
        for await (const _ of read()) if (++seen === 10) node.drop(status.UNAVAILABLE);
      })();
      expect(await refusal(reading)).toBeInstanceOf(Unavailable);
      expect(seen).toBeLessThan(10_000);
    }
    expect(await all(store.readAll())).toHaveLength(10_000);
  });

  it('makes the server wait for a slow reader instead of filling the memory, and shows it everything', async () => {
    const text = 'x'.repeat(4_000);
    const total = 6_000;
    for (let n = 0; n < total; n += 200) {
      const events = Array.from({ length: 200 }, () => fact({ text }));
      await store.append('issue-1', events, n === 0 ? 'no_stream' : BigInt(n - 1));
    }
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const listener = new Listener(store, {}, () => held);
    await listener.saw(1);
    for (let before = -1; before !== node.sent;) {
      before = node.sent;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(node.sent).toBeLessThan(total);
    expect((await store.append('issue-2', facts(1), 'no_stream')).revision).toBe(0n);
    goOn();
    expect(names(await listener.saw(total + 1)).at(-1)).toBe('issue-2:0');
    await listener.stop();
  });

  it('refuses a server that is too old to tell what is needed', async () => {
    const old = await ProtocolNode.start({ version: '22.10.5' });
    expect(String(await refusal(openEsdbStore({ url: old.url })))).toContain('needs 23.10 or later');
    await old.kill();
  });

  it('says that it is out of reach when nothing answers', async () => {
    const nowhere = openEsdbStore({ url: 'esdb://127.0.0.1:1?tls=false' });
    expect(await refusal(nowhere)).toBeInstanceOf(Unavailable);
  });
});

describe('a cluster that speaks EventStoreDB’s protocol', () => {
  const kept = memoryKept();
  let nodes: [ProtocolNode, ProtocolNode];
  let store: EsdbStore | undefined;
  let leads = 0;
  const members = () => nodes.map(({ port }, n) => ({ host, port, leads: n === leads }));
  const lead = (n: number) => {
    leads = n;
    for (const [m, node] of nodes.entries())
      node.follow(m === n ? undefined : { host, port: (nodes[n] as ProtocolNode).port });
  };
  beforeEach(async () => {
    nodes = [await ProtocolNode.start({ kept, members }), await ProtocolNode.start({ kept, members })];
    lead(1);
  });
  afterEach(async () => {
    await store?.close();
    for (const node of nodes) await node.kill();
  });

  it('given the address of a follower, when it sends the client to the leader, then writes and follows there', async () => {
    store = await openEsdbStore({ url: nodes[0].url });
    expect(await all(store.readAll())).toEqual([]);
    const listener = new Listener(store, { prefixes: ['led-'] });
    expect((await store.append('led-1', facts(1), 'no_stream')).revision).toBe(0n);
    await listener.saw(1);
    expect(nodes[0].appends).toBe(0);
    expect(nodes[1].open).toBeGreaterThan(0);
    await listener.stop();
  });

  it('given both addresses, when the lead changes while it writes, then goes on at the new leader', async () => {
    store = await openEsdbStore({ url: `esdb://${host}:${nodes[0].port},${host}:${nodes[1].port}?tls=false` });
    const listener = new Listener(store, { prefixes: ['moved-'] });
    const writing = write(store, 'moved-1', 60);
    await listener.saw(10);
    lead(0);
    await nodes[1].kill();
    const told = await writing;
    expect((await listener.saw(60)).map(({ id }) => id)).toEqual(told);
    expect(nodes[0].appends).toBeGreaterThan(0);
    await listener.stop();
  });
});

describe('a node on PostgreSQL that is killed and comes back', () => {
  let postgres: TestPostgres;
  beforeAll(async () => {
    postgres = await startTestPostgres();
  }, 120_000);
  afterAll(() => postgres.stop(), 120_000);

  it('has lost nothing that it acknowledged, and its followers miss and double nothing', async () => {
    const url = await postgres.fresh();
    let kept = await openPgStore({ url, durability: 'unchecked' });
    let node = await ProtocolNode.start({ kept });
    const { port } = node;
    const store = await openEsdbStore({ url: node.url });
    const listener = new Listener(store);
    const writing = Promise.all(Array.from({ length: 8 }, (_, n) => write(store, `issue-${n}`, 40)));
    for (let round = 1; round <= 3; round++) {
      await listener.saw(60 * round);
      await node.kill();
      await kept.close();
      await until(() => !store.isWritable());
      kept = await openPgStore({ url, durability: 'unchecked' });
      node = await ProtocolNode.start({ kept, port });
    }
    const told = (await writing).flat();
    const seen = await listener.saw(8 * 40);
    await listener.stop();
    expect(seen.map(({ id }) => id).sort()).toEqual([...told].sort());
    expect(names(seen)).toEqual(names(await all(store.readAll())));
    expect(store.isWritable()).toBe(true);
    await store.close();
    await node.kill();
    await kept.close();
  });
});
