import { Secret } from '@fairway/host';
import type { UserInfo } from '@fairway/protocol';
import type { StaticToken } from './static-token-authenticator.ts';

/** What is wrong with a file of tokens, and where. The message holds nothing of the file. */
export class StaticTokenFileError extends Error {
  override readonly name = 'StaticTokenFileError';
}

/**
 * Reads tokens from a file with a line for each: `token,user,uid` and, in quotes with commas between, groups.
 * Of a token that comes twice the last line counts. `columnsMin`: 3 as for a kube-apiserver, or fewer; a user that is
 * left out is called by his line.
 *
 * Errors: `StaticTokenFileError`. Source: Kubernetes authentication, static token file; RFC 4180.
 */
export function parseStaticTokenFile(
  text: string,
  { columnsMin = 3 }: { readonly columnsMin?: number } = {},
): readonly StaticToken[] {
  const tokens = new Map<string, StaticToken>();
  for (const { fields, line } of readRecords(text)) {
    const [token = '', name = '', uid = '', groups = ''] = fields;
    if (fields.length < columnsMin) {
      throw complaint(line, `has ${fields.length} of the columns token,user,uid`);
    }
    if (token === '') throw complaint(line, 'has no token');
    const username = name === '' && columnsMin < 2 ? `line ${line}` : name;
    if (username === '') throw complaint(line, 'has no user');
    const user: UserInfo = {
      username,
      ...(uid === '' ? {} : { uid }),
      groups: groups
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
    };
    tokens.set(token, { token: new Secret(token), user });
  }
  return [...tokens.values()];
}

interface CsvRecord {
  readonly fields: readonly string[];
  /** Counted from 1. */
  readonly line: number;
}

const quoted = /^"((?:[^"]|"")*)"[ \t]*$/;

function* readRecords(text: string): Generator<CsvRecord> {
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue;
    const fields = splitFields(line).map((field) => {
      const trimmed = field.trimStart();
      if (!trimmed.includes('"')) return trimmed;
      const [, inside] = quoted.exec(trimmed) ?? [];
      if (inside !== undefined) return inside.replaceAll('""', '"');
      throw complaint(
        index + 1,
        'has a quotation mark inside of a field, or one that is not closed',
      );
    });
    yield { fields, line: index + 1 };
  }
}

/** At the commas that stand outside of quotes. */
function splitFields(line: string): readonly string[] {
  const fields: string[] = [''];
  let isQuoted = false;
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === ',' && !isQuoted) fields.push('');
    else fields[fields.length - 1] += character;
  }
  return fields;
}

function complaint(line: number, why: string): StaticTokenFileError {
  const remedy = 'write a line as token,user,uid,"group1,group2"';
  return new StaticTokenFileError(`line ${line} ${why}; ${remedy}`);
}
