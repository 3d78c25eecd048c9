// The bench node against the npm client as it is, apart from our adapter: what the adapter does not use of the protocol
// (appends that share one call, system records) is there all the same.
import { BACKWARDS, EventStoreDBClient, excludeSystemEvents, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { ProtocolNode } from './protocol-node';

jest.setTimeout(120_000);

describe('the bench node', () => {
  let node: ProtocolNode;
  let client: EventStoreDBClient;
  beforeEach(async () => {
    node = await ProtocolNode.start();
    client = EventStoreDBClient.connectionString(node.url);
  });
  afterEach(async () => {
    await client.dispose();
    await node.kill();
  });
  const events = (count: number, text = '') =>
    Array.from({ length: count }, (_, n) => jsonEvent({ type: 'Noted', data: { n, text }, metadata: { by: 'test' } }));
  const records = async (read: AsyncIterable<{ event?: { streamId: string } | undefined }>) => {
    const found: string[] = [];
    for await (const { event } of read) found.push(event?.streamId ?? '');
    return found;
  };

  it('takes appends that share one call, and answers each by its own id', async () => {
    const appends = [1, 2, 3].map((n) =>
      client.appendToStream(`issue-${n}`, events(n), { expectedRevision: NO_STREAM }),
    );
    const answers = await Promise.all(appends);
    expect(answers.map(({ nextExpectedRevision }) => nextExpectedRevision)).toEqual([0n, 1n, 2n]);
    const wrong = client.appendToStream('issue-3', events(1), { expectedRevision: 0n });
    await expect(wrong).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 2n });
    const large = client.appendToStream('issue-4', events(1, 'x'.repeat(1_100_000)), { expectedRevision: NO_STREAM });
    await expect(large).rejects.toMatchObject({ type: 'maximum-append-size-exceeded', maxAppendSize: 1_048_576 });
    expect((await client.appendToStream('issue-3', events(1))).nextExpectedRevision).toBe(3n);
  });

  it('keeps records of its own among those of its users, which a filter leaves out', async () => {
    await client.appendToStream('issue-1', events(8), { expectedRevision: NO_STREAM });
    const up = await records(client.readAll());
    expect(up.filter((stream) => stream === 'issue-1')).toHaveLength(8);
    expect(up.filter((stream) => stream.startsWith('$')).length).toBeGreaterThan(0);
    expect(await records(client.readAll({ direction: BACKWARDS }))).toEqual([...up].reverse());
    const followed: string[] = [];
    for await (const { event } of client.subscribeToAll({ filter: excludeSystemEvents() })) {
      if (followed.push(event?.streamId ?? '') === 8) break;
    }
    expect(followed).toEqual(Array(8).fill('issue-1'));
  });
});
