/**
 * A field's name as words: `podSelector` is `Pod Selector`, `apiVersion` is `API Version`, `minPDBs` is
 * `Min PDBs`. A name with anything but letters and dashes stays as it is.
 *
 * Source: kubectl, describe; words are parted as the Go library camelcase parts them.
 */
export function fieldWords(name: string): string {
  if (!/^[\p{L}-]*$/u.test(name)) return name;
  return joinPlurals(wordsOf(name)).map(shownWord).join(' ');
}

const acronyms = new Set(['API', 'URL', 'UID', 'GUID']);

function shownWord(word: string): string {
  const upper = word.toUpperCase();
  if (acronyms.has(upper)) return upper;
  if (word !== word.toLowerCase()) return word;
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Runs of letters of one case; the last capital of several begins the word of the small ones after it. */
function wordsOf(name: string): readonly string[] {
  const runs = name.match(/\p{Lu}+|\p{Ll}+|[^\p{Lu}\p{Ll}]+/gu) ?? [];
  const words: string[] = [];
  let carried = '';
  for (const [at, run] of runs.entries()) {
    const isBeforeSmall = /^\p{Lu}/u.test(run) && /^\p{Ll}/u.test(runs[at + 1] ?? '');
    const kept = isBeforeSmall ? run.slice(0, -1) : run;
    if (carried + kept !== '') words.push(carried + kept);
    carried = isBeforeSmall ? run.slice(-1) : '';
  }
  return words;
}

/** `PD Bs` is `PDBs`: several capitals and the word that begins with the next belong together. */
function joinPlurals(words: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const next = words[at + 1] ?? '';
    const isJoined = word.length >= 2 && !/\p{L}/u.test(word.replaceAll(/\p{Lu}/gu, ''));
    if (isJoined && /^\p{Lu}/u.test(next)) {
      joined.push(word + next);
      at += 1;
    } else joined.push(word);
  }
  return joined;
}
