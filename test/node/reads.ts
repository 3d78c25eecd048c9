// The Read call of the bench node: a stream or $all, either way, or a subscription that goes on when the stored ones end.
import { status } from '@grpc/grpc-js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import * as streams from '@eventstore/db-client/generated/streams_pb';
import { StreamNotFound } from '#store/event-store';
import { checkpointMessage, eventMessage, nameOf, NodeFault, notFoundMessage } from './messages';
import { after, allBackwards, allForwards, ofStream } from './node-log';
import type { Kept, NodeRecord } from './node-log';

export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;
type Options = streams.ReadReq.Options;
type Filter = { readonly matches: (record: NodeRecord) => boolean; readonly checkpointEvery: number };

const window = 32;
const backwardsDirection = 1;

/** @param rewritten what stands at a position instead of what was stored there */
export async function answerRead(
  kept: Kept,
  call: ReadCall,
  ended: AbortSignal,
  rewritten: ReadonlyMap<bigint, string>,
): Promise<void> {
  const options = call.request.getOptions();
  if (!options) throw new NodeFault(status.INVALID_ARGUMENT, 'no options');
  if (options.hasSubscription()) return subscribe(kept, call, options, ended);
  const most = Number(options.getCount());
  let count = 0;
  try {
    for await (const record of recordsOf(kept, options)) {
      if (ended.aborted || count++ >= most) break;
      const data = rewritten.get(record.position) ?? record.data;
      await put(call, eventMessage({ ...record, data }), ended);
    }
  } catch (error) {
    if (!(error instanceof StreamNotFound)) throw error;
    await put(call, notFoundMessage(error.stream), ended);
  }
  if (!ended.aborted) call.end();
}

function recordsOf(kept: Kept, options: Options): AsyncGenerator<NodeRecord> {
  const backwards = Number(options.getReadDirection()) === backwardsDirection;
  const one = options.getStream();
  if (one) {
    const from = one.hasRevision() ? BigInt(one.getRevision()) : undefined;
    return ofStream(kept, nameOf(one.getStreamIdentifier()), from, backwards);
  }
  const position = options.getAll()?.getPosition();
  const from = position && BigInt(position.getCommitPosition());
  return backwards ? allBackwards(kept, from) : allForwards(kept, from ?? 0n);
}

async function subscribe(kept: Kept, call: ReadCall, options: Options, ended: AbortSignal): Promise<void> {
  const all = options.getAll();
  if (!all || all.hasEnd()) throw new NodeFault(status.UNIMPLEMENTED, 'the bench follows $all, from a position');
  const { matches, checkpointEvery } = filterOf(options);
  const position = all.getPosition();
  const confirmed = new streams.ReadResp.SubscriptionConfirmation().setSubscriptionId('bench');
  await put(call, new streams.ReadResp().setConfirmation(confirmed), ended);
  const caughtUp = () => void call.write(new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp()));
  let passed = 0;
  for await (const batch of after(kept, position ? BigInt(position.getCommitPosition()) : 0n, ended, caughtUp)) {
    for (const record of batch) {
      if (ended.aborted) return;
      if (matches(record)) await put(call, eventMessage(record), ended);
      if (++passed % checkpointEvery === 0) await put(call, checkpointMessage(record.position), ended);
    }
  }
}

function filterOf(options: Options): Filter {
  const filter = options.getFilter();
  if (!filter) return { matches: () => true, checkpointEvery: Infinity };
  const expression = filter.getStreamIdentifier() ?? filter.getEventType();
  const told = (record: NodeRecord) => (filter.hasStreamIdentifier() ? record.stream : record.type);
  const prefixes = expression?.getPrefixList() ?? [];
  const regex = new RegExp(expression?.getRegex() ?? '');
  const matches =
    prefixes.length > 0
      ? (record: NodeRecord) => prefixes.some((prefix) => told(record).startsWith(prefix))
      : (record: NodeRecord) => regex.test(told(record));
  return { matches, checkpointEvery: window * filter.getCheckpointintervalmultiplier() };
}

/** Writes when the other side takes it: a slow reader makes the node wait, not grow. */
async function put(call: ReadCall, message: streams.ReadResp, ended: AbortSignal): Promise<void> {
  if (ended.aborted || call.write(message)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      call.off('drain', go);
      ended.removeEventListener('abort', go);
      resolve();
    };
    call.on('drain', go);
    ended.addEventListener('abort', go);
  });
}
