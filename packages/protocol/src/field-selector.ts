import { badRequest } from './api-error.ts';

/** All requirements must hold; none at all selects everything. */
export type FieldSelector = readonly FieldRequirement[];

export interface FieldRequirement {
  /** `metadata.name`, `spec.nodeName`, … */
  readonly field: string;
  /** False for `!=`. */
  readonly isEqual: boolean;
  readonly value: string;
}

/**
 * Reads `status.phase!=Running,spec.nodeName=a`. A backslash keeps `\ , =` in a value.
 *
 * Errors: a BadRequest `ApiError` in the API's words.
 * Source: Kubernetes documentation, field selectors.
 */
export function parseFieldSelector(text: string): FieldSelector {
  const selector: FieldRequirement[] = [];
  for (const term of splitAtPlainCommas(text)) {
    if (term === '') continue;
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
    if (match === null) {
      throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    }
    const [, field = '', operator, value = ''] = match;
    selector.push({ field, isEqual: operator !== '!=', value: unescape(value) });
  }
  return selector;
}

/** Writes a selector so that `parseFieldSelector` reads the same one. */
export function formatFieldSelector(selector: FieldSelector): string {
  return selector
    .map(({ field, isEqual, value }) => `${field}${isEqual ? '=' : '!='}${escape(value)}`)
    .join(',');
}

/** Tells whether an object matches; `valueOf` reads its field, empty when it has none. */
export function matchesFieldSelector(
  selector: FieldSelector,
  valueOf: (field: string) => string,
): boolean {
  return selector.every(({ field, isEqual, value }) => (valueOf(field) === value) === isEqual);
}

function splitAtPlainCommas(text: string): string[] {
  if (!text.includes('\\')) return text.split(',');
  const terms: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ',') {
      terms.push(text.slice(start, at));
      start = at + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function escape(value: string): string {
  return value.replace(/[\\,=]/g, String.raw`\$&`);
}

function unescape(value: string): string {
  let result = '';
  for (let at = 0; at < value.length; at += 1) {
    const character = value[at] ?? '';
    if (character === '\\') {
      at += 1;
      const escaped = value[at];
      if (escaped === undefined) throw badRequest('invalid field selector: ends in a backslash');
      if (!'\\,='.includes(escaped)) {
        throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`);
      }
      result += escaped;
    } else if (character === ',' || character === '=') {
      throw badRequest(`invalid field selector: unescaped character in value: ${value[at]}`);
    } else result += character;
  }
  return result;
}
