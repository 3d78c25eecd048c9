// Between the bench node's records and the messages of the protocol, as the npm client's own definitions give them.
import { Metadata, status } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';
import type { Code } from '@eventstore/db-client/generated/code_pb';
import * as shared from '@eventstore/db-client/generated/shared_pb';
import { Status } from '@eventstore/db-client/generated/status_pb';
import * as streams from '@eventstore/db-client/generated/streams_pb';
import type { Appended, NewEvent } from '#store/event-store';
import { TooLarge, WrongExpectedRevision } from '#store/event-store';
import { commitOf } from './node-log';
import type { NodeRecord } from './node-log';

export type Proposed = {
  getId(): shared.UUID | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
};

/** A fault as gRPC tells it, with the name of the exception that the client reads. */
export class NodeFault extends Error {
  constructor(
    readonly code: status,
    message: string,
    readonly exception?: string,
    readonly more: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  get status(): Partial<ServiceError> {
    const metadata = new Metadata();
    if (this.exception !== undefined) metadata.set('exception', this.exception);
    for (const [key, value] of Object.entries(this.more)) metadata.set(key, value);
    return { code: this.code, details: this.message, metadata };
  }
}

/** @throws NodeFault: the bench keeps JSON only */
export function newEvent(message: Proposed): NewEvent {
  const id = message.getId()?.getString() ?? '';
  const type = message.getMetadataMap().get('type') ?? '';
  try {
    const meta = Buffer.from(message.getCustomMetadata_asU8()).toString('utf8');
    return {
      id,
      type,
      data: JSON.parse(Buffer.from(message.getData_asU8()).toString('utf8')),
      meta: JSON.parse(meta || '{}'),
    };
  } catch {
    throw new NodeFault(status.INVALID_ARGUMENT, 'the bench keeps JSON only');
  }
}

export function nameOf(identifier: shared.StreamIdentifier | undefined): string {
  return Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
}

export function identifier(stream: string): shared.StreamIdentifier {
  return new shared.StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8').toString('base64'));
}

export function eventMessage(record: NodeRecord): streams.ReadResp {
  const position = String(record.position);
  const event = new streams.ReadResp.ReadEvent.RecordedEvent()
    .setId(new shared.UUID().setString(record.id))
    .setStreamIdentifier(identifier(record.stream))
    .setStreamRevision(String(record.revision))
    .setCommitPosition(position)
    .setPreparePosition(position)
    .setData(Buffer.from(record.data, 'utf8').toString('base64'))
    .setCustomMetadata(Buffer.from(record.meta, 'utf8').toString('base64'));
  event.getMetadataMap().set('type', record.type);
  event.getMetadataMap().set('content-type', 'application/json');
  // Ticks of 100 ns.
  event.getMetadataMap().set('created', String(BigInt(new Date(record.at).getTime()) * 10_000n));
  return new streams.ReadResp().setEvent(new streams.ReadResp.ReadEvent().setEvent(event).setCommitPosition(position));
}

export function checkpointMessage(position: bigint): streams.ReadResp {
  const checkpoint = new streams.ReadResp.Checkpoint()
    .setCommitPosition(String(position))
    .setPreparePosition(String(position));
  return new streams.ReadResp().setCheckpoint(checkpoint);
}

export function notFoundMessage(stream: string): streams.ReadResp {
  const missing = new streams.ReadResp.StreamNotFound().setStreamIdentifier(identifier(stream));
  return new streams.ReadResp().setStreamNotFound(missing);
}

export function appendedMessage({ revision, position }: Appended): streams.AppendResp {
  const commit = String(commitOf(position));
  const place = new streams.AppendResp.Position().setCommitPosition(commit).setPreparePosition(commit);
  const success = new streams.AppendResp.Success().setCurrentRevision(String(revision)).setPosition(place);
  return new streams.AppendResp().setSuccess(success);
}

export function wrongMessage({ actual, expected }: WrongExpectedRevision): streams.AppendResp {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (actual === undefined) wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(actual));
  if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(new shared.Empty());
  else wrong.setExpectedRevision(String(expected));
  return new streams.AppendResp().setWrongExpectedVersion(wrong);
}

export function batchAppended({ revision, position }: Appended): streams.BatchAppendResp {
  const commit = String(commitOf(position));
  const place = new shared.AllStreamPosition().setCommitPosition(commit).setPreparePosition(commit);
  const success = new streams.BatchAppendResp.Success().setCurrentRevision(String(revision)).setPosition(place);
  return new streams.BatchAppendResp().setSuccess(success);
}

export function batchRefused(error: unknown): streams.BatchAppendResp {
  const { name, bytes } = detailsOf(error);
  const details = new Any();
  details.pack(bytes, `event_store.client.${name}`);
  const failed = new Status()
    .setCode(status.FAILED_PRECONDITION as number as Code)
    .setMessage((error as Error).message);
  return new streams.BatchAppendResp().setError(failed.setDetails(details));
}

function detailsOf(error: unknown): { name: string; bytes: Uint8Array } {
  if (error instanceof WrongExpectedRevision) {
    const wrong = new shared.WrongExpectedVersion();
    if (error.actual === undefined) wrong.setCurrentNoStream(new GoogleEmpty());
    else wrong.setCurrentStreamRevision(String(error.actual));
    return { name: 'WrongExpectedVersion', bytes: wrong.serializeBinary() };
  }
  if (error instanceof TooLarge) {
    const size = new shared.MaximumAppendSizeExceeded().setMaxappendsize(1_048_576);
    return { name: 'MaximumAppendSizeExceeded', bytes: size.serializeBinary() };
  }
  if (error instanceof NodeFault && error.code === status.DEADLINE_EXCEEDED) {
    return { name: 'Timeout', bytes: new shared.Timeout().serializeBinary() };
  }
  return { name: 'Unknown', bytes: new shared.Unknown().serializeBinary() };
}
