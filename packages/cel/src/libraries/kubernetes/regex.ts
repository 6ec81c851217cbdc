import { type Library, declare, member } from '../../declarations.ts';
import {
  type CompileRegularExpression,
  type RegularExpression,
  tooMuchWork,
} from '../../regular-expressions.ts';
import { intType, listType, stringType } from '../../type.ts';
import { Failure, type Result, matchingFailed } from '../../values/value.ts';

/** Source: Kubernetes, cel/library/regex.go. */
export function regexLibrary(compile: CompileRegularExpression): Library {
  const within = (pattern: string, look: (found: RegularExpression) => Result): Result => {
    const compiled = compile(pattern);
    return compiled === undefined
      ? new Failure(`Illegal regex: ${JSON.stringify(pattern)}`)
      : look(compiled);
  };
  const find = (text: string, pattern: string): Result =>
    within(pattern, (expression) => {
      const found = findAll(expression, text, 1);
      return found instanceof Failure ? found : (found[0] ?? '');
    });
  const all = (text: string, pattern: string, count: number | bigint = -1): Result =>
    within(pattern, (expression) =>
      findAll(expression, text, count < 0 ? Infinity : Number(count)),
    );
  return {
    functions: [
      declare('find', member('string_find_string', [stringType, stringType], stringType, find)),
      declare(
        'findAll',
        member('string_find_all_string', [stringType, stringType], listType(stringType), all),
        member(
          'string_find_all_string_int',
          [stringType, stringType, intType],
          listType(stringType),
          all,
        ),
      ),
    ],
  };
}

/** As Go does: a match of nothing right behind another match does not count. */
function findAll(
  expression: RegularExpression,
  text: string,
  countMax: number,
): string[] | Failure {
  const found: string[] = [];
  let from = 0;
  let lastEnd = -1;
  while (found.length < countMax && from <= text.length) {
    const match = expression.find(text, from);
    if (match === tooMuchWork) return matchingFailed;
    if (match === undefined) break;
    const { start, end } = match;
    if (end > start || start !== lastEnd) found.push(text.slice(start, end));
    lastEnd = end;
    const isWide = end === start && (text.codePointAt(end) ?? 0) > 0xffff;
    from = end > start ? end : end + (isWide ? 2 : 1);
  }
  return found;
}
