// A test bench, never started by the product: a server that speaks the streams protocol of EventStoreDB to the npm
// client, built on the service definitions which that client ships, over a log of this repository. It stands in where no
// EventStoreDB can be installed, and it can be told to fail in the ways a real one does. It is no database of its own:
// no TLS, no users, no projections, no deletion; what it does not do it refuses as unimplemented.
import { once } from 'node:events';
import { Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { ServerDuplexStream, ServerReadableStream, ServiceError, sendUnaryData } from '@grpc/grpc-js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { SupportedMethod, SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb';
import { UUID } from '@eventstore/db-client/generated/shared_pb';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import type * as streams from '@eventstore/db-client/generated/streams_pb';
import { freePort } from '#chassis/free-ports';
import type { Appended, Expected, NewEvent } from '#store/event-store';
import { NotStorable, StreamNotFound, TooLarge, WrongExpectedRevision } from '#store/event-store';
import {
  appendedMessage,
  batchAppended,
  batchRefused,
  identifier,
  nameOf,
  newEvent,
  NodeFault,
  wrongMessage,
} from './messages';
import type { Proposed } from './messages';
import { allForwards, memoryKept } from './node-log';
import type { Kept } from './node-log';
import { answerRead } from './reads';
import type { ReadCall } from './reads';

export type EndPointOf = { readonly host: string; readonly port: number };
export type NodeOptions = {
  /** Absent = in memory. The node does not close it: it outlives the node. */
  readonly kept?: Kept;
  /** Absent = any free one. */
  readonly port?: number;
  /** The node that leads instead of this one; whoever requires the leader is sent there. */
  readonly leader?: EndPointOf;
  /** All nodes of its cluster as it tells them, itself included; absent = alone. */
  readonly members?: () => readonly (EndPointOf & { readonly leads: boolean })[];
  readonly version?: string;
};

export const host = '127.0.0.1';
type Any = Expected | 'any';
type AppendCall = ServerReadableStream<streams.AppendReq, streams.AppendResp>;
type BatchCall = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;
type Batch = { stream: string; expected: Any; deadline: number; readonly events: NewEvent[] };

export class ProtocolNode {
  /** So many of the next appends are stored and never answered. */
  unanswered = 0;
  /** So many of the next appends are refused before anything is stored. */
  refused = 0;
  /** Appends that reached the node. */
  appends = 0;
  /** Messages given to readers. */
  sent = 0;
  readonly kept: Kept;
  private readonly server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
  private readonly reads = new Map<ReadCall, AbortController>();
  private readonly rewritten = new Map<bigint, string>();
  private leader: EndPointOf | undefined;
  port = 0;

  private constructor(private readonly options: NodeOptions) {
    this.kept = options.kept ?? memoryKept();
    this.leader = options.leader;
  }

  static async start(options: NodeOptions = {}): Promise<ProtocolNode> {
    const node = new ProtocolNode(options);
    node.serve();
    // Not one of the system's choice: it must be there again after a kill.
    node.port = await node.bind(options.port ?? (await freePort()));
    return node;
  }

  get url(): string {
    return `esdb://${host}:${this.port}?tls=false`;
  }

  /** Reads and subscriptions that are open right now. */
  get open(): number {
    return this.reads.size;
  }

  /** Hands the lead to another node, or takes it back. */
  follow(leader: EndPointOf | undefined): void {
    this.leader = leader;
  }

  /** Ends every read and subscription as a server does that is short of something; the node goes on. */
  drop(code = status.CANCELLED): void {
    for (const [call, ended] of this.reads) {
      ended.abort();
      call.emit('error', new NodeFault(code, 'dropped by the server').status);
    }
  }

  /** Writes over what is stored, in place, as the server's own redaction does. @param position of the record */
  async rewrite(position: bigint, change: (data: string) => string): Promise<void> {
    for await (const record of allForwards(this.kept, position)) {
      this.rewritten.set(position, change(record.data));
      return;
    }
  }

  /** What was written over stands as it was first stored. */
  restore(): void {
    this.rewritten.clear();
  }

  /** As a power cut: every connection breaks in the middle of whatever it carried. */
  async kill(): Promise<void> {
    for (const ended of this.reads.values()) ended.abort();
    this.server.forceShutdown();
    this.reads.clear();
  }

  private bind(port: number): Promise<number> {
    const address = `${host}:${port}`;
    return new Promise((resolve, reject) => {
      this.server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
  }

  private serve(): void {
    const unimplemented = (_: unknown, answer: sendUnaryData<never>) =>
      answer(new NodeFault(status.UNIMPLEMENTED, 'a history is never deleted').status);
    this.server.addService(StreamsService, {
      read: (call: ReadCall) => void this.read(call),
      append: (call: AppendCall, answer: sendUnaryData<streams.AppendResp>) => void this.append(call, answer),
      batchAppend: (call: BatchCall) => this.batchAppend(call),
      delete: unimplemented,
      tombstone: unimplemented,
    });
    this.server.addService(GossipService, {
      read: (_: unknown, answer: sendUnaryData<ClusterInfo>) => answer(null, this.gossip()),
    });
    this.server.addService(ServerFeaturesService, {
      getSupportedMethods: (_: unknown, answer: sendUnaryData<SupportedMethods>) => answer(null, this.features()),
    });
  }

  private async read(call: ReadCall): Promise<void> {
    const ended = new AbortController();
    const write = call.write.bind(call);
    call.write = ((message: streams.ReadResp) => {
      this.sent++;
      return write(message);
    }) as typeof call.write;
    this.reads.set(call, ended);
    call.on('cancelled', () => ended.abort());
    // A connection that breaks is no news to the bench.
    call.on('error', () => undefined);
    try {
      this.demandLeader(call.metadata);
      await answerRead(this.kept, call, ended.signal, this.rewritten);
    } catch (error) {
      if (!ended.signal.aborted) call.emit('error', statusOf(error));
    } finally {
      ended.abort();
      this.reads.delete(call);
    }
  }

  private async append(call: AppendCall, answer: sendUnaryData<streams.AppendResp>): Promise<void> {
    let to: { stream: string; expected: Any } | undefined;
    const messages: Proposed[] = [];
    call.on('error', () => undefined);
    call.on('data', (request: streams.AppendReq) => {
      const options = request.getOptions();
      const message = request.getProposedMessage();
      if (options)
        to = { stream: nameOf(options.getStreamIdentifier()), expected: expectedOf(options, options.getRevision()) };
      if (message) messages.push(message);
    });
    await Promise.race([once(call, 'end'), once(call, 'close')]);
    try {
      if (call.cancelled || !to) return;
      this.demandLeader(call.metadata);
      const appended = await this.store(to.stream, messages.map(newEvent), to.expected);
      if (appended) answer(null, appendedMessage(appended));
    } catch (error) {
      if (error instanceof WrongExpectedRevision) answer(null, wrongMessage(error));
      else answer(statusOf(error));
    }
  }

  private batchAppend(call: BatchCall): void {
    const batches = new Map<string, Batch>();
    call.on('error', () => undefined);
    call.on('end', () => call.end());
    call.on('data', (request: streams.BatchAppendReq) => {
      const id = request.getCorrelationId()?.getString() ?? '';
      const options = request.getOptions();
      if (options) {
        const deadline = options.getDeadline()?.toDate().getTime() ?? Infinity;
        const stream = nameOf(options.getStreamIdentifier());
        batches.set(id, { stream, expected: expectedOf(options, options.getStreamPosition()), deadline, events: [] });
      }
      const batch = batches.get(id);
      if (!batch) return;
      batch.events.push(...request.getProposedMessagesList().map(newEvent));
      if (!request.getIsFinal()) return;
      batches.delete(id);
      void this.answerBatch(call, id, batch);
    });
  }

  private async answerBatch(call: BatchCall, id: string, { stream, expected, deadline, events }: Batch): Promise<void> {
    let response: streams.BatchAppendResp;
    try {
      this.demandLeader(call.metadata);
      if (Date.now() > deadline) throw new NodeFault(status.DEADLINE_EXCEEDED, 'too late');
      const appended = await this.store(stream, events, expected);
      if (!appended) return;
      response = batchAppended(appended);
    } catch (error) {
      if (error instanceof NodeFault && error.exception !== undefined) return void call.emit('error', error.status);
      response = batchRefused(error);
    }
    call.write(response.setCorrelationId(new UUID().setString(id)).setStreamIdentifier(identifier(stream)));
  }

  /** @returns undefined when the answer is to be withheld */
  private async store(stream: string, events: readonly NewEvent[], expected: Any): Promise<Appended | undefined> {
    this.appends++;
    if (this.refused > 0) {
      this.refused--;
      throw new NodeFault(status.UNAVAILABLE, 'the server is not ready');
    }
    const appended = await this.kept.append(stream, events, expected === 'any' ? await this.lastOf(stream) : expected);
    if (this.unanswered === 0) return appended;
    this.unanswered--;
    return undefined;
  }

  private async lastOf(stream: string): Promise<Expected> {
    try {
      for await (const { revision } of this.kept.readStream(stream, { backwards: true, limit: 1 })) return revision;
    } catch (error) {
      if (!(error instanceof StreamNotFound)) throw error;
    }
    return 'no_stream';
  }

  private demandLeader(metadata: Metadata): void {
    if (!this.leader || metadata.get('requires-leader')[0] !== 'true') return;
    const { host: leads, port } = this.leader;
    const where = { 'leader-endpoint-host': leads, 'leader-endpoint-port': String(port) };
    throw new NodeFault(status.NOT_FOUND, 'leader info available', 'not-leader', where);
  }

  private gossip(): ClusterInfo {
    const alone = [{ host, port: this.port, leads: this.leader === undefined }];
    const { LEADER, FOLLOWER } = MemberInfo.VNodeState;
    const members = (this.options.members?.() ?? alone).map((member) =>
      new MemberInfo()
        .setInstanceId(new UUID().setString('00000000-0000-4000-8000-000000000000'))
        .setIsAlive(true)
        .setState(member.leads ? LEADER : FOLLOWER)
        .setHttpEndPoint(new EndPoint().setAddress(member.host).setPort(member.port)),
    );
    return new ClusterInfo().setMembersList(members);
  }

  private features(): SupportedMethods {
    const service = 'event_store.client.streams.streams';
    const method = (name: string, features: string[] = []) =>
      new SupportedMethod().setServiceName(service).setMethodName(name).setFeaturesList(features);
    const read = ['stream', 'all', 'subscriptions', 'filters', 'position', 'events'];
    return new SupportedMethods()
      .setEventStoreServerVersion(this.options.version ?? '24.10.0')
      .setMethodsList([method('append'), method('batchappend', ['deadline_duration']), method('read', read)]);
  }
}

function expectedOf(
  options: { hasNoStream(): boolean; hasAny(): boolean; hasStreamExists(): boolean },
  revision: string,
): Any {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasStreamExists()) return 'stream_exists';
  return options.hasAny() ? 'any' : BigInt(revision);
}

function statusOf(error: unknown): Partial<ServiceError> {
  if (error instanceof NodeFault) return error.status;
  if (error instanceof TooLarge) {
    const size = { 'maximum-append-size': '1048576' };
    return new NodeFault(status.INVALID_ARGUMENT, error.message, 'maximum-append-size-exceeded', size).status;
  }
  if (error instanceof NotStorable) return new NodeFault(status.INVALID_ARGUMENT, error.message).status;
  return new NodeFault(status.UNKNOWN, String(error)).status;
}
