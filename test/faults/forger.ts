// What an administrator can do to the records of his own agency, the inspection office: any SQL, any file, and where he
// has taken the log's key as well, signatures. Whatever he changes first, he can make everything above it fit again.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client as Postgres } from 'pg';
import { published } from '#chassis/fsck/own-events';
import { publisherOfSlices } from '#chassis/publishing';
import { sampleLog, writeSampleLog } from '#testing/sample-log';
import { openPgStore } from '#store/pg/pg-store';
import { toBase64, toHex } from '#tlog/bytes';
import { signCheckpoint } from '#tlog/checkpoint';
import { LOG_KEY_TYPE, signingKey } from '#tlog/key';
import { Frontier, leafHash } from '#tlog/merkle';
import { sealingSlice } from '#chassis/sealing/sealing-slice';
import { exchangeSlice } from '#joint/exchange/exchange.api';
import { feedbackSlice } from '../../apps/inspection/src/feedback/feedback.views';
import { issueSlice } from '../../apps/inspection/src/issue/issue.views';
import { round } from '../../apps/inspection/src/round/round';
import { roundSlice } from '../../apps/inspection/src/round/round.views';
import { originOf } from './kept-region';
import type { Copy } from './kept-region';

export const agency = 'inspection';
export const origin = originOf(agency);
const slices = [issueSlice, roundSlice, feedbackSlice(round), sealingSlice('inspection'), exchangeSlice];
const publish = publisherOfSlices(slices);
/** No log of anybody: what a forger has who could not take the key. */
const otherSeed = new Uint8Array(32).fill(9);

/** `left`: nothing is signed, old signatures stay where they were. */
export type Pen = 'stolen' | 'other' | 'left';
type Entry = { readonly id: string; readonly position: bigint; readonly bytes: Uint8Array };

export class Forger {
  constructor(readonly copy: Copy) {}

  get log(): string {
    return join(this.copy.folder(agency), 'log');
  }

  sql(text: string, ...parameters: unknown[]): Promise<Record<string, string>[]> {
    return this.copy.as(agency, async (sql) => (await sql.query(text, parameters)).rows as Record<string, string>[]);
  }

  /** Changes stored events, whose guard the owner of the table can take away. */
  events(text: string, ...parameters: unknown[]): Promise<unknown> {
    return this.copy.as(agency, async (sql) => {
      await sql.query('alter table store.events disable trigger user');
      await sql.query('alter table store.events drop constraint if exists events_pkey');
      await sql.query('alter table store.events drop constraint if exists events_stream_revision_key');
      await sql.query('alter table store.events drop constraint if exists events_stream_id_key');
      return sql.query(text, parameters);
    });
  }

  bytes(path: string): Buffer {
    return readFileSync(join(this.log, path));
  }

  edit(path: string, change: (bytes: Buffer) => Uint8Array): void {
    writeFileSync(join(this.log, path), change(this.bytes(path)));
  }

  remove(path: string): void {
    rmSync(join(this.log, path), { recursive: true });
  }

  /** Rows, head and files such as the stored events give them now. */
  async rewriteFromEvents(pen: Pen, more: { readonly keepCosigned?: boolean } = {}): Promise<void> {
    const store = await openPgStore({ url: this.copy.urls[agency], durability: 'unchecked' });
    const entries: Entry[] = [];
    try {
      for await (const { id, position, bytes } of published(store, publish)) entries.push({ id, position, bytes });
    } finally {
      await store.close();
    }
    await this.rewrite(entries, pen, more);
  }

  async rewrite(
    entries: readonly Entry[],
    pen: Pen,
    { keepCosigned = false }: { readonly keepCosigned?: boolean } = {},
  ): Promise<void> {
    const signer = this.signer(pen);
    const sizes = await this.copy.as(agency, (sql) => this.rewriteRows(sql, entries, pen));
    const [checkpoint, vkey] = ['checkpoint', 'vkey'].map((name) => this.bytes(name));
    this.remove('tile');
    const log = sampleLog(
      entries.map(({ bytes }) => bytes),
      { origin, seed: signer },
      sizes.filter((size) => size < entries.length),
    );
    writeSampleLog(log, this.log);
    if (pen === 'left') {
      this.edit('checkpoint', () => checkpoint as Buffer);
      this.edit('vkey', () => vkey as Buffer);
    }
    if (!keepCosigned && pen !== 'left') this.remove('cosigned');
  }

  /** Adds one more event such as the office's own, so that the log has grown. */
  async addEvent(): Promise<void> {
    await this.events(
      `insert into store.events (position, stream, revision, id, type, data, meta, at)
       select (select max(position) from store.events) + 1, stream || '-x', 0, gen_random_uuid(), type, data, meta, at
       from store.events where type = 'IssueRegistered' order by position limit 1`,
    );
  }

  /** Lets the product make its read models anew out of the changed events, so that they show nothing. */
  async rebuildViews(): Promise<void> {
    await this.copy.fsck(agency);
  }

  /** Nothing is left here that a witness ever said of this log. */
  forgetWitnesses(): Promise<unknown> {
    return this.sql('delete from witness.cosignature where origin = $1', origin);
  }

  signer(pen: Pen): Uint8Array {
    if (pen === 'other') return otherSeed;
    const text = readFileSync(join(this.copy.folder(agency), 'keys/log.seed'), 'utf8');
    return new Uint8Array(Buffer.from(text, 'base64'));
  }

  private async rewriteRows(sql: Postgres, entries: readonly Entry[], pen: Pen): Promise<number[]> {
    const { rows } = await sql.query<{ size: string }>('select size from log.checkpoint order by size');
    const sizes = rows.map(({ size }) => Number(size)).filter((size) => size <= entries.length);
    const key = signingKey(origin, LOG_KEY_TYPE, this.signer(pen));
    const frontier = Frontier.empty();
    await sql.query('truncate log.entry');
    await sql.query('delete from log.checkpoint where size > $1', [entries.length]);
    for (const [index, { id, position, bytes }] of entries.entries()) {
      const leaf = leafHash(bytes);
      frontier.append(leaf);
      const row = [index, id, String(position), Buffer.from(bytes), toHex(leaf)];
      await sql.query('insert into log.entry (index, id, position, bytes, hash) values ($1, $2, $3, $4, $5)', row);
      const size = index + 1;
      if (!sizes.includes(size) && size !== entries.length) continue;
      const root = frontier.root();
      const note = Buffer.from(signCheckpoint({ origin, size: BigInt(size), root }, key)).toString('utf8');
      await sql.query(
        pen === 'left'
          ? 'update log.checkpoint set root = $2 where size = $1'
          : `insert into log.checkpoint (size, root, note, signed_at) values ($1, $2, $3, '2026-12-01T00:00:00.000Z')
             on conflict (size) do update set root = excluded.root, note = excluded.note`,
        pen === 'left' ? [size, toBase64(root)] : [size, toBase64(root), note],
      );
    }
    const last = entries.at(-1) as Entry;
    await sql.query('update log.head set size = $1, frontier = $2, position = greatest(position, $3)', [
      entries.length,
      frontier.serialise(),
      String(last.position),
    ]);
    return sizes;
  }
}
