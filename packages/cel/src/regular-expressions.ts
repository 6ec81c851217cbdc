/** Where a regular expression matches, in UTF-16 units. */
export interface Match {
  readonly start: number;
  readonly end: number;
}

/** Where the work is more than whoever provides the expressions allows. */
export const tooMuchWork = 'too-much-work';

/** A regular expression of RE2. Its time must grow with the text and no faster. */
export interface RegularExpression {
  /** True when it matches anywhere. */
  test(text: string): boolean | typeof tooMuchWork;
  /** The first match at or after a place. */
  find(text: string, from: number): Match | undefined | typeof tooMuchWork;
}

/** Reads a regular expression; undefined when it is malformed. */
export type CompileRegularExpression = (pattern: string) => RegularExpression | undefined;

/** Expressions that are kept, since rules use the same ones again and again. */
const expressionsKeptMax = 64;

/** Keeps the expressions that were used last. */
export function keepCompiled(compile: CompileRegularExpression): CompileRegularExpression {
  const kept = new Map<string, RegularExpression | undefined>();
  return (pattern) => {
    const isKept = kept.has(pattern);
    const compiled = isKept ? kept.get(pattern) : compile(pattern);
    kept.delete(pattern);
    kept.set(pattern, compiled);
    const [oldest] = kept.keys();
    if (kept.size > expressionsKeptMax && oldest !== undefined) kept.delete(oldest);
    return compiled;
  };
}
