// The peers' logs as they are verified and kept here, in the same files that their owners serve: where an agency whose
// database is lost finds its own history again, and where any reader heals what one copy has lost (docs/spec/feed.md).
import { Controller, Get, Header, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refused } from '#kernel/decider';
import { writeBundle } from '#tlog/bundle';
import { toHex, utf8 } from '#tlog/bytes';
import { Frontier } from '#tlog/merkle';
import { sha256 } from '#tlog/sha256';
import { parseTilePath, TILE_WIDTH, tileWidth } from '#tlog/tile';
import { copyNamed, keptCopy } from './copies/keeping';
import type { Sql } from './database';
import { demandPeer } from './passes';
import type { Peer } from './peers';
import { Open } from './route';
import type { StoredTiles } from './witness/stored-tiles';

/** What the routes serve; provided under this class as token. */
export class MirrorFeed {
  private readonly origins: ReadonlyMap<string, string>;

  constructor(
    private readonly sql: Sql,
    private readonly peers: readonly Pick<Peer, 'origin' | 'key'>[],
    private readonly tiles: StoredTiles,
    /** RFC 3339 UTC. */
    private readonly clock: () => string,
  ) {
    this.origins = new Map(peers.map(({ origin }) => [mirrorName(origin), origin]));
  }

  /** The newest checkpoint of which all entries are kept here; undefined for a log that is not followed. */
  async checkpoint(name: string): Promise<Buffer | undefined> {
    const origin = this.origins.get(name);
    const row = origin === undefined ? undefined : await this.held(origin);
    // In the middle of a catch-up the checkpoint lies ahead of the entries; its size is the second line.
    if (!row || row.checkpoint.split('\n')[1] !== String(row.size)) return undefined;
    return Buffer.from(row.checkpoint, 'utf8');
  }

  /** @param path relative to the log, for example `tile/entries/000.p/12` */
  async file(name: string, path: string): Promise<Uint8Array | undefined> {
    const origin = this.origins.get(name);
    const file = parseTilePath(path);
    if (origin === undefined || !file) return undefined;
    const { level, n, width } = file;
    const size = (await this.held(origin))?.size ?? 0n;
    if (width > tileWidth(level === 'entries' ? 0 : level, n, size)) return undefined;
    if (level !== 'entries') return this.tiles.of(origin).tile(level, n, width);
    const from = n * BigInt(TILE_WIDTH);
    const rows: { bytes: Buffer }[] = await this.sql.query(
      'select bytes from inbox.entry where origin = $1 and index >= $2 and index < $3 order by index',
      [origin, String(from), String(from + BigInt(width))],
    );
    return rows.length === width ? writeBundle(rows.map(({ bytes }) => bytes)) : undefined;
  }

  /**
   * The kept copy in which the events of an entry are, for whose log it is, and nobody else.
   * @throws Refused for a pass that is not the owner's
   */
  async copy(name: string, index: bigint, authorization: string | undefined): Promise<Uint8Array | undefined> {
    const origin = this.origins.get(name);
    const holder = await demandPeer(this.peers, authorization, copyNamed(index), this.clock());
    return origin !== undefined && holder === origin ? keptCopy(this.sql, origin, index) : undefined;
  }

  private async held(origin: string): Promise<{ size: bigint; checkpoint: string } | undefined> {
    const [row] = await this.sql.query('select frontier, checkpoint from inbox.peer where origin = $1', [origin]);
    return row && { size: Frontier.parse(row.frontier).size, checkpoint: row.checkpoint };
  }
}

/** How a log is named where several are served: SHA-256 of its origin, lower-case hex, as C2SP tlog-witness does. */
export function mirrorName(origin: string): string {
  return toHex(sha256(utf8(origin)));
}

@Controller('mirror')
export class MirrorApi {
  constructor(@Inject(MirrorFeed) private readonly feed: MirrorFeed) {}

  @Get(':hash/checkpoint')
  @Open()
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-cache')
  async checkpoint(@Param('hash') hash: string): Promise<Buffer> {
    const note = await this.feed.checkpoint(hash);
    if (!note) throw new Refused('path.none');
    return note;
  }

  @Get(':hash/tile/*')
  @Open()
  async tile(
    @Param('hash') hash: string,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Buffer> {
    // The raw path, so that nothing decodes it.
    const path = /^\/mirror\/[0-9a-f]{64}\/(tile\/[^?#]*)$/.exec(request.url)?.[1] ?? '';
    const bytes = await this.feed.file(hash, path);
    if (!bytes) throw new Refused('path.none');
    void reply.header('content-type', 'application/octet-stream');
    // Kept by no cache: a copy that was damaged here may be healed later.
    void reply.header('cache-control', 'no-cache');
    return Buffer.from(bytes);
  }

  @Get(':hash/copy/:index')
  @Open()
  @Header('content-type', 'application/octet-stream')
  @Header('cache-control', 'private, no-store')
  async copy(
    @Param('hash') hash: string,
    @Param('index') index: string,
    @Req() request: FastifyRequest,
  ): Promise<Buffer> {
    if (!/^(0|[1-9]\d{0,15})$/.test(index)) throw new Refused('path.none');
    const bytes = await this.feed.copy(hash, BigInt(index), request.headers.authorization);
    if (!bytes) throw new Refused('path.none');
    return Buffer.from(bytes);
  }
}
