// Writes down what happens for the checker, and nothing that only a simulator can know about right and wrong.
import type { Agency } from '#kernel/envelope';
import { parseCheckpoint } from '#tlog/checkpoint';
import { parseNote } from '#tlog/note';
import type { Happening, Place, Run } from './history';

type Asked = Happening['asked'];

export class Recorder {
  readonly history: Happening[] = [];
  readonly sent: { agency: Agency; what: string; bytes: Uint8Array }[] = [];
  readonly finals = new Map<Agency, Place['finals'][number][]>();
  readonly knew = new Map<Agency, Place['knew'][number][]>();
  readonly acted = new Map<Agency, Place['acted'][number][]>();
  readonly secrets: Run['secrets'][number][] = [];
  private ops = 0;
  private readonly known = new Map<string, Uint8Array>();
  private readonly notesOf = new Map<string, Map<string, Uint8Array>>();

  invoke(
    session: string,
    agency: Agency,
    asked: Asked,
  ): (outcome: Partial<Happening> & Pick<Happening, 'kind'>) => void {
    const op = this.ops++;
    this.history.push({ kind: 'invoke', op, session, agency, asked });
    return (outcome) => void this.history.push({ op, session, agency, asked, ...outcome });
  }

  /** Bytes that left an agency; the same again is the same. */
  send(agency: Agency, what: string, bytes: Uint8Array): void {
    const key = `${agency} ${what}`;
    const before = this.known.get(key);
    if (before === bytes || (before && Buffer.compare(before, bytes) === 0)) return;
    this.known.set(key, bytes);
    this.sent.push({ agency, what, bytes });
  }

  /** A note that somebody was shown, or that was stored. */
  note(bytes: Uint8Array): void {
    try {
      const { text } = parseNote(bytes);
      const { origin } = parseCheckpoint(text);
      const of = this.notesOf.get(origin) ?? new Map<string, Uint8Array>();
      this.notesOf.set(origin, of.set(text, bytes));
    } catch {
      // What is torn is signed by nobody.
    }
  }

  notes(origin: string): Uint8Array[] {
    return [...(this.notesOf.get(origin)?.values() ?? [])];
  }
}

export function listOf<T>(map: Map<Agency, T[]>, agency: Agency): T[] {
  const list = map.get(agency) ?? [];
  map.set(agency, list);
  return list;
}
