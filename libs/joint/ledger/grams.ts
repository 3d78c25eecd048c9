// Chinese search by one or two characters: PostgreSQL's trigram index cannot help there, so each text also carries its
// single characters and pairs, found by an index over the array.

/** Characters of two code units, and NUL, which is no character of a pair below. */
const unusual = /[\0\ud800-\udfff]/;

/** Distinct single characters and neighbouring pairs of the words, without white space, in order of code units. */
export function gramsOf(words: string): string[] {
  const text = searchable(words);
  const runs = text.split(/\s+/);
  return unusual.test(text) ? gramsByCharacter(runs) : gramsByCode(runs, text.length);
}

/** A gram as one number, first character before second: numbers are sorted many times faster than texts. */
function gramsByCode(runs: readonly string[], length: number): string[] {
  const codes = new Uint32Array(2 * length);
  let count = 0;
  for (const run of runs) {
    for (let at = 0, before = 0; at < run.length; at++) {
      const code = run.charCodeAt(at);
      codes[count++] = code * 65_536;
      if (before !== 0) codes[count++] = before * 65_536 + code;
      before = code;
    }
  }
  const sorted = codes.subarray(0, count).sort();
  const grams: string[] = [];
  for (let n = 0; n < count; n++) {
    const code = sorted[n] as number;
    if (n > 0 && code === sorted[n - 1]) continue;
    const second = code & 0xffff;
    grams.push(second === 0 ? String.fromCharCode(code >>> 16) : String.fromCharCode(code >>> 16, second));
  }
  return grams;
}

function gramsByCharacter(runs: readonly string[]): string[] {
  const grams = new Set<string>();
  for (const run of runs) {
    let before = '';
    for (const character of run) {
      grams.add(character);
      if (before !== '') grams.add(before + character);
      before = character;
    }
  }
  return [...grams].sort();
}

/** One spelling for search: lower case, full-width letters, digits and brackets as half-width ones. */
export function searchable(words: string): string {
  return words.normalize('NFKC').toLowerCase();
}
