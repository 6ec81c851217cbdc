/** What is wrong with a file of variables, and where. */
export class EnvFileError extends Error {
  override readonly name = 'EnvFileError';
}

/**
 * The variables of a file: `NAME='value'`, as `sh` reads it. What is between the quotes is taken as it is,
 * ends of lines too; of a name that is given twice the last value counts. Lines may be empty or comments.
 *
 * Errors: `EnvFileError` for anything else.
 *
 * Source: KEP-3721, env file format.
 */
export function parseEnvFile(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    emptyLine.lastIndex = at;
    variable.lastIndex = at;
    const skipped = emptyLine.exec(text);
    const found = skipped ?? variable.exec(text);
    if (found === null) {
      const line = text.slice(0, at).split('\n').length;
      throw new EnvFileError(`invalid environment variable format at line ${line}`);
    }
    if (skipped === null) variables.set(found[1] ?? '', found[2] ?? '');
    at += found[0].length;
  }
  return variables;
}

const emptyLine = /[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
const variable = /[^\S\n]*([^\s=#']+)='([^']*)'[^\S\n]*(?:#[^\n]*)?(?:\n|$)/y;
