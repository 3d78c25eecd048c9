// How far a list of clues is, in the words of ux.md section 6.
import type { ClueListLine, HandOverKind } from '#contracts/clues';
import { receiversOf } from '#contracts/clues';

export const kindWords: Readonly<Record<HandOverKind, string>> = { single: '单移交', dual: '双移交' };

export function stateOf({ kind, receipts }: Pick<ClueListLine, 'kind' | 'receipts'>): '已移交' | '部分签收' | '已签收' {
  if (receipts.length === 0) return '已移交';
  // Of two receivers each sees its own receipt alone; the office that handed over sees both.
  return receipts.length < receiversOf[kind].length ? '部分签收' : '已签收';
}
