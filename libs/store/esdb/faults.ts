// Which answers of the client are a verdict, and which only mean that nobody knows. Everything that is not a verdict
// becomes Unavailable, so that whoever asked asks again with the same ids, and nothing is taken for lost or for done.
import { ErrorType } from '@eventstore/db-client';
import { type Expected, StreamNotFound, TooLarge, Unavailable, WrongExpectedRevision } from '../event-store';

// A person must act: repeating helps nobody.
const lasting: readonly string[] = [
  ErrorType.ACCESS_DENIED,
  ErrorType.INVALID_ARGUMENT,
  ErrorType.STREAM_DELETED,
  ErrorType.UNSUPPORTED,
];

/** What an append was answered, in the words of the port. */
export function appendVerdict(error: unknown, stream: string, expected: Expected, bytes: number): Error {
  const { type } = error as { type?: string };
  if (type === ErrorType.WRONG_EXPECTED_VERSION) {
    const { actualVersion } = error as { actualVersion?: bigint | 'no_stream' };
    return new WrongExpectedRevision(stream, expected, typeof actualVersion === 'bigint' ? actualVersion : undefined);
  }
  if (type === ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED) return new TooLarge(bytes);
  return translated(error);
}

/** What a read was answered, in the words of the port. */
export function readVerdict(error: unknown, stream: string): Error {
  return (error as { type?: string }).type === ErrorType.STREAM_NOT_FOUND
    ? new StreamNotFound(stream)
    : translated(error);
}

/** Unavailable for whatever may pass by itself; what a person must put right keeps its own text. */
export function translated(error: unknown): Error {
  if (error instanceof Unavailable) return error;
  if (lasting.includes((error as { type?: string }).type ?? '')) {
    return new Error(`the event store refuses: ${messageOf(error)}`, { cause: error });
  }
  return new Unavailable(`the event store is out of reach: ${messageOf(error)}`, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
