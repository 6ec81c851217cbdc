import { type Library, declare, laborious, member } from '../../declarations.ts';
import type { Pattern } from '../../patterns/pattern.ts';
import { intType, listType, stringType } from '../../type.ts';
import { Failure, type Result } from '../../values/value.ts';
import type { Work } from '../../values/work.ts';
import { type KeptPatterns, findAll } from '../kept-patterns.ts';

/** Source: Kubernetes, cel/library/regex.go. */
export function regexLibrary(patterns: KeptPatterns): Library {
  const within = (text: string, work: Work, look: (found: Pattern) => Result): Result => {
    const pattern = patterns.compile(text, work);
    return pattern === undefined
      ? new Failure(`Illegal regex: ${JSON.stringify(text)}`)
      : look(pattern);
  };
  const find = laborious((work, text: string, pattern: string) =>
    within(pattern, work, (compiled) => {
      const found = findAll(compiled, { text, countMax: 1 }, work);
      return found instanceof Failure ? found : (found[0] ?? '');
    }),
  );
  const all = laborious((work, text: string, pattern: string, count: number | bigint = -1) =>
    within(pattern, work, (compiled) =>
      findAll(compiled, { text, countMax: count < 0 ? Infinity : Number(count) }, work),
    ),
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
