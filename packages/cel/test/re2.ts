import { RE2JS, RE2JSException } from '@bufbuild/re2';
import type { RegularExpression } from '../src/regular-expressions.ts';

/**
 * RE2 for tests: a library tests, and JavaScript finds, which is the same for what the tests look for.
 * The server brings its own, with bounds.
 */
export function compileRe2(pattern: string): RegularExpression | undefined {
  try {
    const compiled = RE2JS.compile(pattern);
    return {
      test: (text) => compiled.test(text),
      find: (text, from) => {
        const expression = new RegExp(pattern, 'gu');
        expression.lastIndex = from;
        const found = expression.exec(text);
        if (found === null) return undefined;
        return { start: found.index, end: found.index + found[0].length };
      },
    };
  } catch (error) {
    if (error instanceof RE2JSException) return undefined;
    throw error;
  }
}
