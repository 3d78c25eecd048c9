// Structured records on standard output, one JSON object a line. What could open a door is struck out by name and by
// form before it is written, because a record is copied to places that no secret should reach (ASVS 16.2.5).
import type { LoggerService } from '@nestjs/common';
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

const struck = '[struck out]';
const secretName =
  /pass|cookie|authorization|secret|salt|seed|token|session|credential|private|database_?url|commitkey/i;
const secretForms: readonly (readonly [RegExp, string])[] = [
  // Credentials in a URL, a bearer token, our session cookie.
  [/([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]*@/gi, `$1:${struck}@`],
  [/\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]+/gi, `$1 ${struck}`],
  [/(__Host-sanfang-[a-z]+)=[^\s;,"]+/g, `$1=${struck}`],
  [/\$argon2[a-z]*\$[^\s"']+/g, struck],
];
const deepest = 6;

/** The value with every secret struck out; errors become type, message, stack and cause. */
export function redacted(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return scrubbed(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) return '[deep]';
  if (value instanceof Error) return redactedError(value, depth);
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redacted(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, secretName.test(name) ? struck : redacted(item, depth + 1)]),
  );
}

export function openLog(level: string, name: string, destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: { service: name },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redacted(fields) as Record<string, unknown>,
      },
      // Errors are already plain here; pino's own form of them would not know the list above.
      serializers: { err: (error: unknown) => redacted(error) },
      hooks: {
        logMethod(args, method) {
          const safe = args.map((each) => (typeof each === 'string' ? scrubbed(each) : each)) as typeof args;
          method.apply(this, safe);
        },
      },
    },
    destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

/** Nest's own messages in the same stream; its start-up chatter only at level debug. */
export class NestLog implements LoggerService {
  constructor(private readonly out: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.out.debug({ context: rest.at(-1) }, String(message));
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.log(message, ...rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.log(message, ...rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.out.warn({ context: rest.at(-1) }, String(message));
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.out.error({ err: message instanceof Error ? message : undefined, context: rest.at(-1) }, String(message));
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.out.fatal({ context: rest.at(-1) }, String(message));
  }
}

function redactedError(error: Error, depth: number): object {
  const { name, message, stack, cause } = error;
  const code = (error as { code?: unknown }).code;
  return {
    type: name,
    message: scrubbed(message),
    ...(code !== undefined && { code: String(code) }),
    stack: scrubbed(stack ?? ''),
    ...(cause !== undefined && { cause: redacted(cause, depth + 1) }),
  };
}

function scrubbed(text: string): string {
  return secretForms.reduce((safe, [form, replacement]) => safe.replace(form, replacement), text);
}
