// The store through EventStoreDB's protocol: our adapter and npm's client, to the node of the tests (test/node), which
// keeps its events in our store on PostgreSQL. What it shows is the cost of the protocol, not the speed of EventStoreDB.
import { openEsdbStore } from '#store/esdb/esdb-store';
import { openPgStore } from '#store/pg/pg-store';
import { ProtocolNode } from '../test/node/protocol-node';
import type { Appender } from './append-contenders';

export async function esdbNode(url: string): Promise<Appender> {
  const kept = await openPgStore({ url });
  const node = await ProtocolNode.start({ kept });
  const store = await openEsdbStore({ url: node.url });
  return {
    name: 'esdbNode',
    append: (stream, events, revision) => store.append(stream, events, revision < 0 ? 'no_stream' : BigInt(revision)),
    settle: () => Promise.resolve(),
    close: async () => {
      await store.close();
      await node.kill();
      await kept.close();
    },
  };
}
