// Where running parts report what people should know; any structured logger with these methods fits, pino among them.

export interface LogSink {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
