/**
 * Regular expressions of RE2, in a time that grows with the text and no faster. Apart from the rest of the
 * package, because schemas have patterns and mostly no rules. The library that reads them is loaded with
 * the first one.
 */
export {
  type CompiledPattern,
  compileInTurns,
  compilePattern,
} from './patterns/compile-pattern.ts';
export { Effort } from './patterns/effort.ts';
export type { Pattern, PatternSearch } from './patterns/pattern.ts';
