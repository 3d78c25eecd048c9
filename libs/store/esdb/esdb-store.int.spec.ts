import { randomUUID } from 'node:crypto';
import { apart } from '../../../test/node/apart';
import { ProtocolNode } from '../../../test/node/protocol-node';
import { storeContract } from '../contract';
import { openEsdbStore } from './esdb-store';

// Each append is a call over a socket: the contract's larger tests take several seconds, and machines differ.
jest.setTimeout(180_000);

storeContract('a node that speaks EventStoreDB’s protocol', async () => {
  const node = await ProtocolNode.start();
  const store = await openEsdbStore({ url: node.url });
  return {
    store,
    end: async () => {
      await store.close();
      await node.kill();
    },
  };
});

const server = process.env['SANFANG_TEST_ESDB'];
if (server === undefined) {
  it.skip('the contract on a real EventStoreDB or KurrentDB: SANFANG_TEST_ESDB=esdb://… names none', () => undefined);
} else {
  storeContract(`the server that SANFANG_TEST_ESDB names`, async () => {
    const store = await openEsdbStore({ url: server });
    return { store: await apart(store, `t${randomUUID()}-`), end: () => store.close() };
  });
}
