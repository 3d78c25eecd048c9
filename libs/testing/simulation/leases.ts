// Connections that hold the lease of a log, as libs/chassis/relay-lease.ts asks for them: the lock lives as long as the
// connection, and the database notices the end of a killed program's connection a moment later.
import type { DataSource } from 'typeorm';
import { Unavailable } from '#store/event-store';
import type { Sql } from '#chassis/database';
import type { Premises } from './place';
import type { DatabaseCall } from './ports';
import type { Program } from './scheduler';
import type { World } from './world';

/** One connection; the lock of the log is held by at most one of them. */
export type Connection = { readonly program: Program; broken: boolean };

type Runner = {
  readonly isReleased: boolean;
  connect(): Promise<unknown>;
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
  release(): Promise<void>;
};

export function leasesOf(premises: Premises, program: Program, call: DatabaseCall, sql: Sql, world: World) {
  const make = (): Runner => new LeaseConnection(premises, { program, broken: false }, call, sql, world);
  return { createQueryRunner: make } as unknown as Pick<DataSource, 'createQueryRunner'>;
}

class LeaseConnection implements Runner {
  isReleased = false;

  constructor(
    private readonly premises: Premises,
    private readonly connection: Connection,
    private readonly call: DatabaseCall,
    private readonly sql: Sql,
    private readonly world: World,
  ) {}

  connect(): Promise<unknown> {
    return this.call('connects', () => undefined);
  }

  async query(sql: string, parameters?: unknown[]): Promise<unknown> {
    try {
      if (sql.startsWith('select pg_try_advisory_lock')) return await this.call('try lease', () => this.tried());
      if (sql.startsWith('select pg_advisory_unlock')) return await this.call('end lease', () => this.unlock());
      return await this.sql.query(sql, parameters);
    } catch (error) {
      // A connection that has failed is closed, and with it goes the lock.
      if (error instanceof Unavailable) this.unlock();
      if (error instanceof Unavailable) this.isReleased = true;
      throw error;
    }
  }

  release(): Promise<void> {
    this.isReleased = true;
    return Promise.resolve();
  }

  private tried(): { held: boolean }[] {
    const { premises, world } = this;
    const holder = premises.lease;
    const gone = !holder || (!holder.program.alive && world.random.chance(0.4));
    // Planted `two-relays-without-lease`: nobody is asked who else writes.
    const held = gone || world.has('two-relays-without-lease');
    if (held) premises.lease = this.connection;
    return [{ held }];
  }

  private unlock(): void {
    if (this.premises.lease === this.connection) this.premises.lease = undefined;
  }
}
