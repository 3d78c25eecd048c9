// Sealed bodies of peers, taken over: the content key lies under the data key of the subject from then on, so that the
// agency's own sealing key need not be kept to read them, and destroying the data key closes them. Beside it stands what
// may be read without a key: the body with a veil over what concerns persons.
import type { Basis } from '#kernel/envelope';
import { subjectOf, veiledOf } from '#contracts/personal';
import type { Opened } from '#contracts/published';
import { cipherNamed, cipherOf } from '../ciphers/by-name';
import type { Profile } from '../ciphers/by-name';
import type { Sql } from '../database';
import type { SubjectKeys } from './subject-keys';

export type TakenBody = {
  readonly address: Pick<Basis, 'origin'>;
  /** Of the entry. */
  readonly id: string;
  readonly opened: Opened;
  readonly contentKey: Uint8Array;
  /** To which of the agency's keys it was sealed. */
  readonly sealingKey: string;
};
/** Where a body stands, and what opens it. */
export type HeldBody = { readonly origin: string; readonly id: string; readonly contentKey: Uint8Array };
type Row = { origin: string; id: string; cipher: string; wrapped: string };

export class TakenBodies {
  constructor(
    private readonly sql: Sql,
    private readonly keys: Pick<SubjectKeys, 'find' | 'of'>,
    private readonly profile: Profile,
  ) {}

  /** What may be read of a body that was taken over, whether its key still lives or not. */
  async kept(origin: string, id: string): Promise<Opened | undefined> {
    const [row]: { kept: string }[] = await this.sql.query(
      'select kept from subjects.body where origin = $1 and id = $2',
      [origin, id],
    );
    return row && (JSON.parse(row.kept) as Opened);
  }

  /** Once for each entry. @returns what may be read of it */
  async take({ address: { origin }, id, opened, contentKey, sealingKey }: TakenBody): Promise<Opened> {
    const { type, data } = opened;
    const subject = subjectOf(type, data);
    if (subject === undefined) throw new Error(`${type} has no row in libs/contracts/personal.ts`);
    const kept: Opened = { ...opened, data: veiledOf(type, data) };
    const found = await this.keys.find(subject);
    // What comes after the destruction is closed from the start.
    const key = found === 'destroyed' ? undefined : await this.keys.of(subject);
    const cipher = cipherOf(this.profile);
    const wrapped = key && Buffer.from(cipher.seal(key, contentKey, placeOf(subject, id))).toString('base64');
    await this.sql.query(
      `insert into subjects.body (origin, id, subject, type, sealing_key, cipher, wrapped, kept)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
      [origin, id, subject, type, sealingKey, key ? cipher.name : null, wrapped ?? null, JSON.stringify(kept)],
    );
    return kept;
  }

  /** All bodies about a subject that can still be opened. @param key of the subject */
  async held(subject: string, key: Uint8Array): Promise<HeldBody[]> {
    const rows: Row[] = await this.sql.query(
      'select origin, id, cipher, wrapped from subjects.body where subject = $1 and wrapped is not null order by id',
      [subject],
    );
    return rows.map(({ origin, id, cipher, wrapped }) => {
      const contentKey = cipherNamed(cipher).open(key, Buffer.from(wrapped, 'base64'), placeOf(subject, id));
      return { origin, id, contentKey };
    });
  }
}

function placeOf(subject: string, id: string): string {
  return `sanfang/subject-body/v1\n${subject}\n${id}`;
}
