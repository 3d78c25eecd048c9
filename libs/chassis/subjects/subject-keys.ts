// One data key for each subject, wrapped by a key of the agency that lies in a file. With the data key goes all that was
// kept of the subject: what is destroyed here cannot be brought back by whoever has the database, nor by a backup of it.
import { hash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { DataSource, EntityManager } from 'typeorm';
import { Refused } from '#kernel/decider';
import { cipherNamed, cipherOf } from '../ciphers/by-name';
import type { Profile } from '../ciphers/by-name';
import { BadKey, openSecrets, replaceFile } from '../secret-file';
import { Turns } from '../turns';

type Row = { subject: string; wrapping: string | null; cipher: string; wrapped: string | null };

export type Found = Uint8Array | 'none' | 'destroyed';

const keyBytes = 32;
// All that writes keys takes turns: a new wrapping key must not miss one that is just being made.
const everything = 'keys';

/** Where the turn of the wrapping key can be cut off; for tests that do so. */
export type TurnStep = 'made' | 'wrapped';

export class SubjectKeys {
  private readonly turns = new Turns();

  private constructor(
    private readonly sql: DataSource,
    private readonly path: string,
    private readonly profile: Profile,
    private secrets: readonly Uint8Array[],
    private readonly reached: (step: TurnStep) => void,
  ) {}

  /**
   * The wrapping key is made at the first start. A turn of it that was cut off is brought to its end.
   * @param folder of the agency; the file is `keys/subject.key`
   * @throws BadKey when the file is damaged, readable to others, or older than the key table
   */
  static async open(
    { sql, folder, profile }: { readonly sql: DataSource; readonly folder: string; readonly profile: Profile },
    reached: (step: TurnStep) => void = () => undefined,
  ): Promise<SubjectKeys> {
    const path = join(folder, 'keys', 'subject.key');
    const keys = new SubjectKeys(sql, path, profile, openSecrets(path), reached);
    await keys.demandWrapping();
    if (keys.secrets.length > 1) await keys.finishTurn([]);
    return keys;
  }

  async find(subject: string): Promise<Found> {
    const [row]: Row[] = await this.sql.query('select * from subjects.key where subject = $1', [subject]);
    if (!row) return 'none';
    return row.wrapped === null ? 'destroyed' : this.unwrapped(row);
  }

  /** The key of a subject, made when it has none. @throws Refused `body.destroyed` */
  async of(subject: string): Promise<Uint8Array> {
    const found = await this.find(subject);
    const key = found === 'none' ? await this.turns.inTurn(everything, () => this.make(subject)) : found;
    if (typeof key === 'string') throw new Refused('body.destroyed');
    return key;
  }

  /**
   * Destroys the key of a subject, and the key by which it was wrapped: the others get a new one. Old pages, journals
   * and backups of the database then hold what nobody can unwrap. Again is no fault.
   * @param at RFC 3339 UTC
   */
  destroy(subject: string, at: string): Promise<void> {
    return this.turns.inTurn(everything, async () => {
      const found = await this.find(subject);
      if (found === 'destroyed') return;
      this.write([...this.secrets, randomBytes(keyBytes)]);
      this.reached('made');
      await this.finishTurn([{ subject, at }]);
    });
  }

  /** Moves every key under the newest wrapping key and forgets the earlier ones. */
  private async finishTurn(destroyed: readonly { readonly subject: string; readonly at: string }[]): Promise<void> {
    await this.sql.transaction(async (sql) => {
      for (const { subject, at } of destroyed) await this.forget(sql, subject, at);
      const rows: Row[] = await sql.query('select * from subjects.key where wrapped is not null for update');
      const again = rows.map((row) => ({ subject: row.subject, ...this.wrap(row.subject, this.unwrapped(row)) }));
      await sql.query(
        `update subjects.key k set wrapping = n.wrapping, cipher = n.cipher, wrapped = n.wrapped
         from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as n (subject, wrapping, cipher, wrapped)
         where k.subject = n.subject`,
        (['subject', 'wrapping', 'cipher', 'wrapped'] as const).map((name) => again.map((each) => each[name])),
      );
    });
    this.reached('wrapped');
    this.write(this.secrets.slice(-1));
  }

  private async forget(sql: EntityManager, subject: string, at: string): Promise<void> {
    await sql.query(
      `insert into subjects.key (subject, destroyed_at) values ($1, $2)
       on conflict (subject) do update set wrapping = null, cipher = null, wrapped = null, destroyed_at = $2`,
      [subject, at],
    );
    await sql.query('update subjects.body set cipher = null, wrapped = null where subject = $1', [subject]);
  }

  private async make(subject: string): Promise<Found> {
    const { wrapping, cipher, wrapped } = this.wrap(subject, randomBytes(keyBytes));
    await this.sql.query(
      'insert into subjects.key (subject, wrapping, cipher, wrapped) values ($1, $2, $3, $4) on conflict do nothing',
      [subject, wrapping, cipher, wrapped],
    );
    return this.find(subject);
  }

  private wrap(subject: string, key: Uint8Array) {
    const secret = this.secrets.at(-1)!;
    const cipher = cipherOf(this.profile);
    const wrapped = Buffer.from(cipher.seal(secret, key, placeOf(subject))).toString('base64');
    return { wrapping: idOf(secret), cipher: cipher.name, wrapped };
  }

  private unwrapped({ subject, wrapping, cipher, wrapped }: Row): Uint8Array {
    const secret = this.secrets.find((each) => idOf(each) === wrapping);
    if (!secret || wrapped === null) throw this.older();
    return cipherNamed(cipher).open(secret, Buffer.from(wrapped, 'base64'), placeOf(subject));
  }

  private async demandWrapping(): Promise<void> {
    const rows: { wrapping: string }[] = await this.sql.query(
      'select distinct wrapping from subjects.key where wrapping is not null',
    );
    const known = this.secrets.map(idOf);
    if (rows.some(({ wrapping }) => !known.includes(wrapping))) throw this.older();
  }

  private older(): BadKey {
    return new BadKey(
      `${this.path} does not fit the key table: database and keys folder must be of the same time; ` +
        'restore both from backups made after the last destruction (docs/guide/operate.md)',
    );
  }

  private write(secrets: readonly Uint8Array[]): void {
    replaceFile(this.path, secrets.map((each) => `${Buffer.from(each).toString('base64')}\n`).join(''), 0o600);
    this.secrets = secrets;
  }
}

function placeOf(subject: string): string {
  return `sanfang/subject-key/v1\n${subject}`;
}

/** Which wrapping key, not a protection. */
function idOf(secret: Uint8Array): string {
  return hash('sha256', Buffer.concat([Buffer.from('sanfang/subject-wrapping/v1\n'), secret])).slice(0, 16);
}
