import { CommandError } from '../command-error.ts';

/** What a user named: a type, and objects of it; no names: all of them. */
export interface NamedResources {
  readonly type: string;
  readonly names: readonly string[];
}

/**
 * Reads what kubectl reads: `pods`, `pods a b`, `pods,svc`, `pod/a svc/b`.
 *
 * Errors: `CommandError`.
 */
export function parseResourceArguments(words: readonly string[]): readonly NamedResources[] {
  const [types, ...names] = words;
  if (types === undefined || types === '') {
    throw new CommandError(
      'Required resource not specified: name a type, such as `fairway get pods`; `fairway api-resources` shows what there is',
    );
  }
  if (names.includes('')) throw new CommandError('a resource name may not be empty');
  if (words.some((word) => word.includes('/'))) return words.map(parsePair);
  return types
    .split(',')
    .filter((type) => type !== '')
    .map((type) => ({ type, names: [...new Set(names)] }));
}

function parsePair(word: string): NamedResources {
  const [type = '', name = '', ...rest] = word.split('/');
  if (type !== '' && name !== '' && rest.length === 0) return { type, names: [name] };
  if (!word.includes('/')) {
    throw new CommandError(
      `there is no need to name a type separately beside TYPE/NAME: write each as TYPE/NAME, and ${JSON.stringify(word)} too`,
    );
  }
  throw new CommandError(`${JSON.stringify(word)} is no TYPE/NAME, such as pod/web`);
}
