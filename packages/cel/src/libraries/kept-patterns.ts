import { compilePattern } from '../patterns/compile-pattern.ts';
import { findMatch } from '../patterns/find-match.ts';
import type { Pattern } from '../patterns/pattern.ts';
import { Failure } from '../values/value.ts';
import { CostExceeded, type Work } from '../values/work.ts';

/** Patterns that are kept, since rules use the same ones again and again. */
const patternsKeptMax = 64;

/** For each character of a pattern, which may come from the object. */
const stepsOfCharacter = 150;

const matchingFailed = new Failure('regular expressions take more work than one object may cause');

/** The patterns that expressions of an environment used last, compiled. */
export class KeptPatterns {
  readonly #kept = new Map<string, Pattern | undefined>();

  /** Undefined when it is malformed. Throws `CostExceeded` when reading it is more work than allowed. */
  compile(text: string, { matching }: Work): Pattern | undefined {
    const isKept = this.#kept.has(text);
    const pattern = isKept ? this.#kept.get(text) : readPattern(text, matching);
    this.#kept.delete(text);
    this.#kept.set(text, pattern);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > patternsKeptMax && oldest !== undefined) this.#kept.delete(oldest);
    return pattern;
  }
}

function readPattern(text: string, matching: Work['matching']): Pattern | undefined {
  matching.add(stepsOfCharacter * text.length);
  if (matching.isSpent) throw new CostExceeded();
  const compiled = compilePattern(text);
  return compiled.kind === 'compiled' ? compiled.pattern : undefined;
}

/** True when it matches anywhere. */
export function matches(pattern: Pattern, text: string, { matching }: Work): boolean | Failure {
  const search = pattern.search(text, matching);
  let found = search.goOn();
  while (found === undefined) found = search.goOn();
  return matching.isSpent ? matchingFailed : found;
}

/** All matches, up to so many. As Go does: one of nothing right behind another one does not count. */
export function findAll(
  pattern: Pattern,
  { text, countMax }: { readonly text: string; readonly countMax: number },
  { matching: effort }: Work,
): readonly string[] | Failure {
  const found: string[] = [];
  let from = 0;
  let lastEnd = -1;
  while (found.length < countMax && from <= text.length) {
    const match = findMatch(pattern, { text, from, effort });
    if (effort.isSpent) return matchingFailed;
    if (match === undefined) break;
    const { start, end } = match;
    if (end > start || start !== lastEnd) found.push(text.slice(start, end));
    lastEnd = end;
    const isWide = end === start && (text.codePointAt(end) ?? 0) > 0xffff;
    from = end > start ? end : end + (isWide ? 2 : 1);
  }
  return found;
}
