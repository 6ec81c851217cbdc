import { loadRe2 } from './load-re2.ts';
import { Pattern } from './pattern.ts';
import { measurePattern } from './pattern-size.ts';

/** A longer pattern is refused: reading one takes more time the longer it is, squared. */
const patternCharactersMax = 4_096;
/** A pattern that becomes more is refused. */
const patternInstructionsMax = 20_000;

/** What came of a pattern; `problem` is in the words of RE2. */
export type CompiledPattern =
  | { readonly kind: 'compiled'; readonly pattern: Pattern }
  | { readonly kind: 'malformed'; readonly problem: string };

/**
 * Reads a regular expression as RE2 does: no back references, no look-around, and a time that grows
 * with the text and not faster. Source: RE2, doc/syntax.txt; Go, regexp/syntax.
 */
export function compilePattern(text: string): CompiledPattern {
  if (text.length > patternCharactersMax) return tooLarge(`${patternCharactersMax} characters`);
  const { instructions, nestedRepeat } = measurePattern(text);
  if (nestedRepeat !== undefined) return malformed(`invalid repeat count: \`${nestedRepeat}\``);
  if (instructions > patternInstructionsMax) {
    return tooLarge(`${patternInstructionsMax} instructions`);
  }
  const { RE2JS, RE2JSException } = loadRe2();
  try {
    return { kind: 'compiled', pattern: new Pattern(new RE2JS(text).re2().prog) };
  } catch (error) {
    if (error instanceof RE2JSException) return { kind: 'malformed', problem: error.message };
    throw error;
  }
}

/**
 * The same, with pauses: the library makes the table of a Unicode class (`\\p{Greek}`) when it first
 * meets one, which takes some 40 ms and is done once.
 */
export function* compileInTurns(text: string): Generator<undefined, CompiledPattern, undefined> {
  if (text.length <= patternCharactersMax) {
    for (const unicodeClass of new Set(text.match(/\\[pP](?:\{[^}]*\}|.)/g))) {
      compilePattern(unicodeClass);
      yield;
    }
  }
  return compilePattern(text);
}

function tooLarge(max: string): CompiledPattern {
  return malformed(`expression too large: it must not take more than ${max}`);
}

function malformed(problem: string): CompiledPattern {
  return { kind: 'malformed', problem: `error parsing regexp: ${problem}` };
}
