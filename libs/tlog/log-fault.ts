// What a reader of a whole log finds wrong with it.
/** What is wrong, for programs and for translations; `what` says it in English. */
export type FaultKind =
  | 'checkpoint' // bad form, or not signed by the key
  | 'file' // missing or oversized
  | 'entry' // changed: not the leaf of the tree
  | 'leaf' // a hash of a level-0 tile that is not the entry's
  | 'tile' // a hash of a higher tile that is not its entries'
  | 'length' // a file ends too early or too late
  | 'envelope' // an entry that breaks the entry's form
  | 'root' // all files agree with one another and not with the signed root
  | 'shrank' // smaller than an earlier state
  | 'rewritten'; // contradicts an earlier state

/** What is wrong with a log, and where first. */
export class LogFault extends Error {
  override readonly name = 'LogFault';
  readonly origin: string;
  readonly kind: FaultKind;
  /** The first bad entry; undefined when the fault is not at an entry. */
  readonly index: bigint | undefined;
  readonly what: string;
  /** The file, relative to the log. */
  readonly where: string;

  constructor(fault: Pick<LogFault, 'origin' | 'kind' | 'index' | 'what' | 'where'>, cause?: unknown) {
    const { origin, kind, index, what, where } = fault;
    super(`${origin}${index === undefined ? '' : ` entry ${index}`}: ${what} (${where})`, { cause });
    this.origin = origin;
    this.kind = kind;
    this.index = index;
    this.what = what;
    this.where = where;
  }
}
