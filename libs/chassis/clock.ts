// The one clock of a service. Rules get the time with their command; whoever needs it elsewhere is handed this object,
// so that a test can stand at any moment it likes.

/** Shanghai has kept UTC+8 without summer time since 1991. */
const shanghaiOffsetMs = 8 * 3_600_000;

export class Clock {
  /** Milliseconds since 1970. */
  milliseconds(): number {
    return Date.now();
  }

  /** RFC 3339 UTC with milliseconds. */
  now(): string {
    return rfc3339(this.milliseconds());
  }
}

export function rfc3339(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** The civil date in Asia/Shanghai of an RFC 3339 time, YYYY-MM-DD. */
export function civilDateAt(at: string): string {
  return rfc3339(Date.parse(at) + shanghaiOffsetMs).slice(0, 10);
}
