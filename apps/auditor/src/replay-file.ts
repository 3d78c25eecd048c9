// What a replay leaves behind for another one to be compared with: no content, only hashes (docs/spec/replay.md).
import { readFile } from 'node:fs/promises';
import { BadTarget } from './sources';

const FORM = 'sanfang.replay/v1';

export interface ReplayView {
  readonly view: string;
  readonly version: number;
  /** Over the canonical texts of all rows in order of id, each ended by a line feed; hex. */
  readonly sha256: string;
  /** Id and SHA-256 (hex) of the canonical text of each row, in order of id. */
  readonly rows: readonly (readonly [string, string])[];
}

export interface ReplayFile {
  readonly form: typeof FORM;
  /** What it was made of, in order of origin; the root in base64, as in a checkpoint. */
  readonly logs: readonly { readonly origin: string; readonly size: number; readonly root: string }[];
  readonly views: readonly ReplayView[];
  /** Over one line a view: name, version, number of rows, SHA-256; hex. */
  readonly sha256: string;
}

/** A row that is not the same in both, or not in both; hashes in hex. */
export interface Difference {
  readonly view: string;
  readonly id: string;
  readonly here?: string;
  readonly there?: string;
}

/** @throws BadTarget */
export async function readReplayFile(path: string): Promise<ReplayFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new BadTarget(`无法读取比对文件 ${path}(${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
  try {
    const file: unknown = JSON.parse(text);
    if (isReplayFile(file)) return file;
  } catch (cause) {
    throw new BadTarget(`比对文件 ${path} 不是 JSON`, { cause });
  }
  throw new BadTarget(`${path} 不是 audit replay --out 写出的文件(${FORM})`);
}

function isReplayFile(value: unknown): value is ReplayFile {
  const { form, logs, views, sha256 } = (value ?? {}) as Partial<Record<keyof ReplayFile, unknown>>;
  const all = (list: unknown, fits: (each: Record<string, unknown>) => boolean) =>
    Array.isArray(list) && list.every((each) => typeof each === 'object' && each !== null && fits(each));
  const isRow = (row: unknown) =>
    Array.isArray(row) && row.length === 2 && row.every((word) => typeof word === 'string');
  return (
    form === FORM &&
    typeof sha256 === 'string' &&
    all(logs, ({ origin, size, root }) => typeof origin === 'string' && isSize(size) && typeof root === 'string') &&
    all(views, ({ view, version, sha256: digest, rows }) => {
      const named = typeof view === 'string' && isSize(version) && typeof digest === 'string';
      return named && Array.isArray(rows) && rows.every(isRow);
    })
  );
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The first row that differs, by view and id; a view of another version differs as a whole. */
export function firstDifference(here: ReplayFile, there: ReplayFile): Difference | undefined {
  for (const { view, version, rows } of here.views) {
    const other = there.views.find((each) => each.view === view);
    if (other?.version !== version) return { view, id: `v${version} / v${other?.version ?? 0}` };
    const [own, others] = [new Map(rows), new Map(other.rows)];
    const ids = [...new Set([...own.keys(), ...others.keys()])].sort();
    const id = ids.find((each) => own.get(each) !== others.get(each));
    if (id === undefined) continue;
    const [mine, theirs] = [own.get(id), others.get(id)];
    return { view, id, ...(mine !== undefined && { here: mine }), ...(theirs !== undefined && { there: theirs }) };
  }
  return undefined;
}
