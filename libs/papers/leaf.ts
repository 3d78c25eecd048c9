// The shape of one issue found in a text, shared by the stages that build it and those who show it.

/** One issue at the finest level. Offsets are UTF-16 units of the decoded text; `text` is its slice [from, to). */
export interface Leaf {
  title: string;
  /** Folded numbers from the chapter down: 二/(一)/1. Prose has none. */
  path?: string;
  unit?: string;
  group?: string;
  status?: string;
  /** As printed, e.g. 二(一)1, 第3条 or 一是; empty in a list without numbers. */
  number: string;
  text: string;
  measures: string[];
  manifestations: string[];
  responsible?: string;
  deadline?: string;
  truncated?: 'title' | 'text';
  from: number;
  to: number;
}
