// What stops a relay for good. A log that signs on after something does not fit can never be trusted again, so these
// are never retried: a person must read the message and act.

/** The step at which a test may pull the plug; in this order, the last three only when files are flushed. */
export type RelayStep =
  | 'before-entries'
  | 'entries'
  | 'file-written'
  | 'file-named'
  | 'files'
  | 'checked'
  | 'signed'
  | 'checkpoint-written'
  | 'checkpoint'
  | 'told'
  | 'flushed'
  | 'tidied'
  | 'marked';

export class RelayFault extends Error {
  override readonly name = 'RelayFault';
  constructor(origin: string, what: string, remedy: string, options?: ErrorOptions) {
    super(`the log ${origin} stops before signing: ${what}. ${remedy}`, options);
  }
}
