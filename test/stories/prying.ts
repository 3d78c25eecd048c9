// How somebody would look for another unit's matters, and by what he would know that he has found some.
import { paths } from '#contracts/api';
import { bundlePath, TILE_WIDTH, tilePath } from '#tlog/tile';
import { filled, nothing, routes } from './routes';
import { canary } from './two-units';
import type { TwoUnits } from './two-units';
import type { Reply } from './visitor';

/** Everything by which the second unit can be told. */
export function traces({ other }: TwoUnits): string[] {
  const { unitId, lines, sha256 } = other;
  const ids = [unitId, ...sha256, ...lines.map(({ issueId }) => issueId)];
  return [canary, encodeURIComponent(canary), ...ids];
}

/** Addresses that somebody who knows the other unit could try: each pattern with each id, each question about it. */
export function addresses({ other, own, roundId, feedbackId }: TwoUnits): string[] {
  const patterns = Object.keys(routes).filter((route) => /^GET \/api\/(?!live)/.test(route));
  const lines = [...other.lines, ...own.lines];
  const ids = lines.map(({ issueId }, n) => ({
    issueId,
    roundId,
    feedbackId,
    sha256: [...other.sha256, ...own.sha256][n] ?? '',
  }));
  const crossed = own.lines.map(({ issueId }, n) => ({ issueId, sha256: other.sha256[n] ?? '' }));
  const plain = patterns.flatMap((route) => [...ids, ...crossed].map((each) => filled(route.slice(4), each)));
  const asked = [
    `unit=${other.unitId}`,
    `search=${encodeURIComponent(canary)}`,
    `search=${encodeURIComponent('丝雀')}`,
    `search=${encodeURIComponent('%')}`,
    `search=${encodeURIComponent('学习部署')}`,
    `round=${roundId}`,
    ...['registered', 'rectifying', 'closeOutRequested', 'closedOut'].map((status) => `status=${status}`),
    ...['due', 'number', 'unit'].flatMap((sort) =>
      ['asc', 'desc'].map((order) => `sort=${sort}&order=${order}&limit=1`),
    ),
    'special=selection',
    'light=red',
    'limit=200',
  ];
  return [
    ...new Set([...plain, ...asked.map((query) => `${paths.ledger}?${query}`), `${paths.overview}?round=${roundId}`]),
  ];
}

/** All that a log of this size has to show, and a hint of more. */
export function logAddresses(size: number): string[] {
  const [full, rest] = [BigInt(Math.floor(size / TILE_WIDTH)), size % TILE_WIDTH];
  const files = Array.from({ length: Number(full) }, (_, n) => [tilePath(0, BigInt(n)), bundlePath(BigInt(n))]).flat();
  if (rest > 0) files.push(tilePath(0, full, rest), bundlePath(full, rest));
  return [...files, 'checkpoint', 'vkey', 'keys', 'self-check', 'wake', `blob/${nothing.sha256}`].map(
    (name) => `/log/${name}`,
  );
}

/** Page marks are opaque, not secret: what is inside counts as said. */
export function unfolded({ text, headers }: Reply): string {
  const marks = [...text.matchAll(/"next":"([^"]+)"/g)].map(([, mark]) =>
    Buffer.from(mark as string, 'base64url').toString(),
  );
  return [text, headers, ...marks].join('\n');
}
