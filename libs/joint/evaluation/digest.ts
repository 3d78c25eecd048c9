// Digests of values: what a commitment, a seed or a result is compared by. The label keeps digests of one kind from being
// taken for those of another.
import { canonicalize } from '#kernel/canonical-json';
import { toHex, utf8 } from '#tlog/bytes';
import { sha256 } from '#tlog/sha256';

export type Label = 'commitment' | 'draw' | 'draw-block' | 'draw-list' | 'result';

/** SHA-256 (hex) over `sanfang/<label>/v1`, a line feed, and the value as RFC 8785 text. */
export function digestOf(label: Label, value: unknown): string {
  return toHex(sha256(utf8(`sanfang/${label}/v1\n${canonicalize(value)}`)));
}
