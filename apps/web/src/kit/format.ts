// How figures, times and sizes are written in the consoles.
import type { Light } from '#contracts/answers';
import dayjs from 'dayjs';

/** `2025-11-03 16:20` in the reader's own time zone; empty for an empty or unreadable time. */
export function dateTime(at: string): string {
  const time = dayjs(at);
  return at !== '' && time.isValid() ? time.format('YYYY-MM-DD HH:mm') : '';
}

/** `16:20`, for today's times. */
export function clock(at: string): string {
  const time = dayjs(at);
  return at !== '' && time.isValid() ? time.format('HH:mm') : '';
}

export function fileSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} 字节`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** Totals are counted up to 1,000; beyond that the service says 1001. */
export function cappedTotal(total: number): string {
  return total > 1000 ? '1000+' : String(total);
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? '—' : `${((part / whole) * 100).toFixed(2)}%`;
}

/** The word beside the light, so that colour is never the only sign. `daysLeft` is negative once overdue. */
export function lightWords(light: Light, daysLeft: number): string {
  if (light === 'closed') return '已销号';
  if (light === 'red' || daysLeft < 0) return `逾期${Math.abs(daysLeft)}天`;
  return daysLeft === 0 ? '今日到期' : `剩${daysLeft}天`;
}

const lightShapes: Readonly<Record<Light, string>> = { none: '○', green: '●', yellow: '◆', red: '▲', closed: '✓' };

export function lightShape(light: Light): string {
  return lightShapes[light];
}

export function shortHash(sha256: string): string {
  return sha256.slice(0, 8);
}
