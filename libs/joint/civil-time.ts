// Recorded times are UTC; people read the clock of Asia/Shanghai, which has kept UTC+8 without summer time since 1991.

const shanghaiOffset = 8 * 3_600_000;

/** YYYY-MM-DD in Shanghai of an RFC 3339 time. */
export function civilDateOf(at: string): string {
  return shanghai(at).slice(0, 10);
}

/** YYYY-MM-DD HH:mm in Shanghai of an RFC 3339 time. */
export function civilMinuteOf(at: string): string {
  return shanghai(at).slice(0, 16).replace('T', ' ');
}

function shanghai(at: string): string {
  return new Date(Date.parse(at) + shanghaiOffset).toISOString();
}
