// The agency looks at itself: does each entry of its log still say what its store says, do rows, files and signature
// still agree, and do the peers' entries still give what the peers signed? A change made by whoever can write to the
// database or the disk is named here by its index, without waiting for an auditor.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { DataSource } from 'typeorm';
import { canonicalBytes } from '#kernel/canonical-json';
import type { SelfFault } from '#contracts/self-check';
import type { EventStore } from '#store/event-store';
import { equal, toBase64, toHex } from '#tlog/bytes';
import { Frontier, leafHash } from '#tlog/merkle';
import { bundlePath, hashesAt, parseTilePath, TILE_WIDTH, tilePath, tileWidth } from '#tlog/tile';
import { narrowBundle, writeBundle } from '#tlog/bundle';
import { differsFromLater } from '#tlog/earlier-file';
import { entryOf } from './publishing';
import type { Publisher } from './publishing';

/** `what` says in English what `fault` stands for; `origin` is there when the fault is in the copy of a peer's log. */
export type SelfVerdict =
  | { readonly size: number; readonly ok: true }
  | {
      readonly size: number;
      readonly ok: false;
      readonly index: number;
      readonly fault: SelfFault;
      readonly what: string;
      readonly origin?: string;
    };

type Row = { readonly index: string; readonly id: string; readonly bytes: Buffer; readonly hash: string };
type Stored = { readonly id: string; readonly position: bigint; readonly bytes: Uint8Array; readonly commit: string };

export type SelfCheckParts = {
  readonly store: EventStore;
  readonly database: DataSource;
  readonly publish: Publisher;
  readonly origin: string;
  /** The log's folder, tlog-tiles layout. */
  readonly folder: string;
};

const keptMs = 3_000;

class Finding extends Error {
  constructor(
    readonly index: bigint | number,
    readonly fault: SelfFault,
    readonly what: string,
    readonly origin?: string,
  ) {
    super(what);
  }
}

export class SelfCheck {
  private running: Promise<SelfVerdict> | undefined;
  private last: { readonly verdict: SelfVerdict; readonly at: number } | undefined;

  constructor(private readonly parts: SelfCheckParts) {}

  /** One run at a time; an answer serves everybody for some seconds, while the log has not grown. */
  async verdict(): Promise<SelfVerdict> {
    const size = await this.signedSize();
    if (this.last && this.last.verdict.size === size && performance.now() - this.last.at < keptMs) {
      return this.last.verdict;
    }
    this.running ??= this.run(size).finally(() => (this.running = undefined));
    return this.running;
  }

  private async run(size: number): Promise<SelfVerdict> {
    let verdict: SelfVerdict = { size, ok: true };
    try {
      await this.checkOwn(BigInt(size));
      for (const { origin, frontier } of await this.parts.database.query('select origin, frontier from inbox.peer')) {
        await this.checkPeer(origin, Frontier.parse(frontier));
      }
    } catch (error) {
      if (!(error instanceof Finding)) throw error;
      const { index, fault, what, origin } = error;
      verdict = { size, ok: false, index: Number(index), fault, what, ...(origin !== undefined && { origin }) };
    }
    this.last = { verdict, at: performance.now() };
    return verdict;
  }

  private async signedSize(): Promise<number> {
    const [row] = await this.parts.database.query('select coalesce(max(size), 0) as size from log.checkpoint');
    return Number(row.size);
  }

  private async checkOwn(size: bigint): Promise<void> {
    const { database } = this.parts;
    const frontier = Frontier.empty();
    const events = this.publishedEvents();
    try {
      for (let n = 0n; tileWidth(0, n, size) > 0; n++) {
        const width = tileWidth(0, n, size);
        const rows = await this.rows('log.entry where', n * BigInt(TILE_WIDTH), width, []);
        for (const row of rows) {
          frontier.append(leafHash(row.bytes));
          checkAgainstStore(row, await next(events, row.index));
        }
        await this.checkFiles(n, width, rows);
      }
      await this.checkLeftOut(events, size);
      await this.checkEarlierFiles(size);
    } finally {
      await events.return();
    }
    const [row] = await database.query('select root from log.checkpoint where size = $1', [String(size)]);
    if (row && row.root !== toBase64(frontier.root())) {
      throw new Finding(size - 1n, 'root', 'the entries do not give the signed root');
    }
  }

  /** A published event that the log has passed must be in it. */
  private async checkLeftOut(events: AsyncGenerator<Stored, void>, size: bigint): Promise<void> {
    const left = await events.next();
    if (left.done) return;
    const [head] = await this.parts.database.query(
      `select coalesce((select position from log.entry where index = $1), 0) as position`,
      [String(size - 1n)],
    );
    if (left.value.position <= BigInt(head.position)) {
      throw new Finding(size - 1n, 'leftOut', `the stored event ${left.value.id} is not in the log`);
    }
  }

  private async checkFiles(n: bigint, width: number, rows: readonly Row[]): Promise<void> {
    const tile = await this.file(tilePath(0, n, width), tilePath(0, n));
    const bundle = await this.file(bundlePath(n, width), bundlePath(n));
    const leaves = tile.subarray(0, width * 32);
    rows.forEach(({ index, hash }, nth) => {
      if (toHex(leaves.subarray(nth * 32, (nth + 1) * 32)) !== hash) {
        throw new Finding(BigInt(index), 'tile', 'the leaf in the tile is not that of the entry');
      }
    });
    const bytes = writeBundle(rows.map((row) => row.bytes));
    if (equal(bytes, bundle)) return;
    for (let nth = 0; nth < width; nth++) {
      const one = writeBundle(rows.slice(0, nth + 1).map((row) => row.bytes));
      if (!equal(one, bundle.subarray(0, one.length))) {
        throw new Finding(BigInt(rows[nth]!.index), 'bundle', 'the entry in the bundle is not the stored one');
      }
    }
    if (bundle.length !== bytes.length && !equal(narrowBundle(bundle, width), bytes)) {
      throw new Finding(BigInt(rows.at(-1)!.index), 'bundleEnd', 'the bundle does not end where it should');
    }
  }

  /** Partial files of earlier sizes, which readers of older checkpoints may still ask for. */
  private async checkEarlierFiles(size: bigint): Promise<void> {
    for (let level = 0; hashesAt(level, size) > 0n; level++) {
      const n = hashesAt(level, size) / BigInt(TILE_WIDTH);
      const width = tileWidth(level, n, size);
      for (const full of level === 0 ? [bundlePath(n), tilePath(level, n)] : [tilePath(level, n)]) {
        const later = await this.file(`${full}.p/${width}`, full);
        for (const other of (await readdir(join(this.parts.folder, `${full}.p`)).catch(orMissing)) ?? []) {
          const name = parseTilePath(`${full}.p/${other}`);
          if (!name || name.width >= width) continue;
          const earlier = await this.earlier(`${full}.p/${other}`);
          const index = earlier && differsFromLater(name, earlier, later);
          if (index !== undefined)
            throw new Finding(index, 'earlierFile', `the earlier file ${full}.p/${other} was changed`);
        }
      }
    }
  }

  private earlier(path: string): Promise<Uint8Array | undefined> {
    return readFile(join(this.parts.folder, path)).catch(orMissing);
  }

  private async checkPeer(origin: string, held: Frontier): Promise<void> {
    const frontier = Frontier.empty();
    for (let n = 0n; tileWidth(0, n, held.size) > 0; n++) {
      const from = n * BigInt(TILE_WIDTH);
      const rows = await this.rows('inbox.entry where origin = $3 and', from, tileWidth(0, n, held.size), [origin]);
      for (const row of rows) frontier.append(leafHash(row.bytes));
    }
    if (!equal(frontier.root(), held.root())) {
      throw new Finding(held.size - 1n, 'peerRoot', 'the copies of the entries do not give the verified root', origin);
    }
  }

  /** Rows `from` to `from + count`, each present and under its own hash. @throws Finding */
  private async rows(where: string, from: bigint, count: number, more: readonly string[]): Promise<Row[]> {
    const rows: Row[] = await this.parts.database.query(
      `select index, id, bytes, hash from ${where} index >= $1 and index < $2 order by index`,
      [String(from), String(from + BigInt(count)), ...more],
    );
    for (let nth = 0; nth < count; nth++) {
      const row = rows[nth];
      const index = from + BigInt(nth);
      if (row === undefined || BigInt(row.index) !== index)
        throw new Finding(index, 'missing', 'the entry is missing', more[0]);
      if (toHex(leafHash(row.bytes)) !== row.hash)
        throw new Finding(index, 'row', 'the stored entry was changed', more[0]);
    }
    return rows;
  }

  private async *publishedEvents(): AsyncGenerator<Stored, void> {
    const { store, publish } = this.parts;
    for await (const event of store.readAll()) {
      const entry = entryOf(event, publish);
      if (!entry) continue;
      yield { id: event.id, position: event.position, bytes: canonicalBytes(entry), commit: entry.commit };
    }
  }

  /** While the log grows, a partial file gives way to the full one. */
  private async file(partial: string, full: string): Promise<Uint8Array> {
    const read = (path: string) => readFile(join(this.parts.folder, path)).catch(orMissing);
    const bytes = (await read(partial)) ?? (await read(full));
    return bytes ?? new Uint8Array(0);
  }
}

async function next(events: AsyncGenerator<Stored, void>, index: string): Promise<Stored> {
  const found = await events.next();
  if (found.done) throw new Finding(BigInt(index), 'noEvent', 'no stored event stands behind the entry');
  return found.value;
}

function checkAgainstStore({ index, id, bytes }: Row, stored: Stored): void {
  if (stored.id !== id)
    throw new Finding(BigInt(index), 'otherEvent', `the store has the event ${stored.id} here, the log ${id}`);
  if (equal(bytes, stored.bytes)) return;
  const { commit } = JSON.parse(bytes.toString('utf8')) as { commit: string };
  if (commit === stored.commit) {
    throw new Finding(BigInt(index), 'entry', 'the entry does not say what the stored event says');
  }
  const what = 'the stored event was changed: it does not fit its published commitment';
  throw new Finding(BigInt(index), 'event', what);
}

function orMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
