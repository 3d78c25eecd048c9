// Where the user's last command stands in the agency's store. Every read names it, so that the answer already contains
// what the user has just done.

let last = '';

/** Keeps the larger of two store positions (decimal strings without leading zeros). */
export function later(one: string, other: string): string {
  if (one.length !== other.length) return one.length > other.length ? one : other;
  return one > other ? one : other;
}

export function notePosition(position: string): void {
  last = later(last, position);
}

export function withPosition(path: string): string {
  if (last === '') return path;
  return `${path}${path.includes('?') ? '&' : '?'}after=${last}`;
}

export function forgetPosition(): void {
  last = '';
}
