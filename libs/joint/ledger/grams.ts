// Chinese search by one or two characters: PostgreSQL's trigram index cannot help there, so each text also carries its
// single characters and pairs, found by an index over the array.

/** Distinct single characters and neighbouring pairs of the words, without white space, in code-point order. */
export function gramsOf(words: string): string[] {
  const grams = new Set<string>();
  let before = '';
  for (const character of searchable(words)) {
    if (/\s/.test(character)) {
      before = '';
      continue;
    }
    grams.add(character);
    if (before !== '') grams.add(before + character);
    before = character;
  }
  return [...grams].sort();
}

/** One spelling for search: lower case, full-width letters, digits and brackets as half-width ones. */
export function searchable(words: string): string {
  return words.normalize('NFKC').toLowerCase();
}
