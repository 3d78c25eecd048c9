// What the parts of a service ask for besides their work, at its plainest.
import type { LogSink } from '#stream/log-sink';

/** Troubles are written to the terminal: a benchmark that goes wrong must not look like a slow one. */
export const silent: LogSink = {
  info: () => undefined,
  warn: (context, message) => tell('warn', context, message),
  error: (context, message) => tell('error', context, message),
};

/** RFC 3339 UTC. */
export const wallClock = (): string => new Date().toISOString();

function tell(level: string, context: object, message: string): void {
  const cause = (context as { err?: Error }).err;
  process.stderr.write(`${level}: ${message}${cause ? `: ${cause.stack ?? cause.message}` : ''}\n`);
}
