import {
  type FunctionDeclaration,
  type Laborious,
  type Library,
  declare,
  laborious,
  member,
  overload,
} from '../declarations.ts';
import { intType, listType, stringType, dynType } from '../type.ts';
import {
  Failure,
  type ListValue,
  type Result,
  type Value,
  elementsOf,
  runeCount,
  sizeOf,
} from '../values/value.ts';
import type { Work } from '../values/work.ts';
import { formatText } from './format-text.ts';
import type { NumberStyle } from './number-styles.ts';

const outOfRange = (index: number | bigint): Failure => new Failure(`index out of range: ${index}`);

/** A text as its code points, which is what indices count. */
class Runes {
  readonly #runes: readonly string[] | undefined;
  readonly #text: string;
  readonly #work: Work;

  constructor(text: string, work: Work) {
    work.take(text.length >> 4);
    this.#work = work;
    this.#text = text;
    this.#runes = /[\ud800-\udfff]/.test(text) ? [...text] : undefined;
  }

  get length(): number {
    return this.#runes?.length ?? this.#text.length;
  }

  slice(start: number, end: number): string {
    return this.#runes?.slice(start, end).join('') ?? this.#text.slice(start, end);
  }

  indexOf(part: string, from: number): number {
    if (this.#runes === undefined) return this.#text.indexOf(part, from);
    return this.#runeAt(this.#text.indexOf(part, this.slice(0, from).length));
  }

  lastIndexOf(part: string, from: number): number {
    if (this.#runes === undefined) return this.#text.lastIndexOf(part, from);
    return this.#runeAt(this.#text.lastIndexOf(part, this.slice(0, from).length));
  }

  #runeAt(unit: number): number {
    return unit < 0 ? -1 : runeCount(this.#text.slice(0, unit), this.#work);
  }
}

function charAt(work: Work, text: string, index: number | bigint): Result {
  const runes = new Runes(text, work);
  if (index < 0 || index > runes.length) return outOfRange(index);
  return runes.slice(Number(index), Number(index) + 1);
}

function indexOf(work: Work, text: string, part: string, from: number | bigint = 0): Result {
  const runes = new Runes(text, work);
  if (part === '') return from <= runes.length ? Number(from) : outOfRange(from);
  if (from < 0) return outOfRange(from);
  return from < runes.length ? runes.indexOf(part, Number(from)) : -1;
}

function lastIndexOf(work: Work, text: string, part: string, from?: number | bigint): Result {
  const runes = new Runes(text, work);
  if (part === '') return Number(from ?? runes.length);
  if (from !== undefined && from < 0) return outOfRange(from);
  if (from !== undefined && from >= runes.length) return -1;
  return runes.lastIndexOf(part, Number(from ?? runes.length));
}

function substring(
  work: Work,
  text: string,
  start: number | bigint,
  end?: number | bigint,
): Result {
  const runes = new Runes(text, work);
  const last = end ?? runes.length;
  if (start > last && end !== undefined && start <= runes.length) {
    return new Failure(`invalid substring range. start: ${start}, end: ${last}`);
  }
  if (start < 0 || start > runes.length) return outOfRange(start);
  if (last < 0 || last > runes.length) return outOfRange(last);
  return runes.slice(Number(start), Number(last));
}

type Replacing = readonly [text: string, part: string, by: string, times?: number | bigint];

function replace(work: Work, ...[text, part, by, times = -1]: Replacing): Result {
  const pieces = piecesBetween(text, part);
  const count = Math.min(times < 0 ? Infinity : Number(times), pieces.length - 1);
  work.take(text.length + count * by.length);
  let replaced = pieces[0] as string;
  for (let index = 1; index < pieces.length; index++) {
    replaced += (index <= count ? by : part) + (pieces[index] as string);
  }
  return replaced;
}

/** As Go does: an empty part is before every character and at the end. */
function piecesBetween(text: string, part: string): readonly string[] {
  if (part !== '') return text.split(part);
  return text === '' ? [''] : ['', ...text, ''];
}

function split(text: string, separator: string, count: number | bigint = -1): Result {
  if (count === 0) return [];
  const pieces = separator === '' ? [...text] : text.split(separator);
  if (count < 0 || pieces.length <= count) return pieces;
  const kept = pieces.slice(0, Number(count) - 1);
  return [...kept, pieces.slice(Number(count) - 1).join(separator)];
}

function join(work: Work, list: readonly Value[] | ListValue, separator = ''): Result {
  const elements = elementsOf(list);
  const isText = elements.every((each) => typeof each === 'string');
  work.take(elements.reduce<number>((sum, each) => sum + sizeOf(each, work) + separator.length, 0));
  return isText ? elements.join(separator) : new Failure('no such overload');
}

const asciiOnly = (text: string, change: (letter: string) => string, letters: RegExp): string =>
  text.replaceAll(letters, change);

/** White space of Unicode, which is a little less than what JavaScript trims. */
const space = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** By hand: an expression for the spaces at the end would try each run of spaces within. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && space.test(text[start] as string)) start++;
  while (end > start && space.test(text[end - 1] as string)) end--;
  return text.slice(start, end);
}

const quotedCharacters: ReadonlyMap<string, string> = new Map([
  ['\u0007', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
  ['\\', '\\\\'],
  ['"', '\\"'],
]);

function quote(text: string): string {
  const escaped = text.replaceAll(
    /["\\\u0007\b\f\n\r\t\v]/g,
    (found) => quotedCharacters.get(found) ?? found,
  );
  return `"${escaped.toWellFormed()}"`;
}

const texts = listType(stringType);

function format(numbers: NumberStyle): Laborious {
  return laborious((work, text: string, list: readonly Value[] | ListValue) =>
    formatText({ work, numbers }, text, list),
  );
}

/** Source: cel-go, ext/strings.go, version 2, which is what Kubernetes has. */
export function stringsLibrary(numbers: NumberStyle): Library {
  return { functions: [...textFunctions, formatFunction(numbers)] };
}

const textFunctions: readonly FunctionDeclaration[] = [
  declare(
    'charAt',
    member('string_char_at_int', [stringType, intType], stringType, laborious(charAt)),
  ),
  declare(
    'indexOf',
    member('string_index_of_string', [stringType, stringType], intType, laborious(indexOf)),
    member(
      'string_index_of_string_int',
      [stringType, stringType, intType],
      intType,
      laborious(indexOf),
    ),
  ),
  declare(
    'lastIndexOf',
    member(
      'string_last_index_of_string',
      [stringType, stringType],
      intType,
      laborious(lastIndexOf),
    ),
    member(
      'string_last_index_of_string_int',
      [stringType, stringType, intType],
      intType,
      laborious(lastIndexOf),
    ),
  ),
  declare(
    'lowerAscii',
    member('string_lower_ascii', [stringType], stringType, (text: string) =>
      asciiOnly(text, (letter) => letter.toLowerCase(), /[A-Z]+/g),
    ),
  ),
  declare(
    'upperAscii',
    member('string_upper_ascii', [stringType], stringType, (text: string) =>
      asciiOnly(text, (letter) => letter.toUpperCase(), /[a-z]+/g),
    ),
  ),
  declare(
    'replace',
    member(
      'string_replace_string_string',
      [stringType, stringType, stringType],
      stringType,
      laborious(replace),
    ),
    member(
      'string_replace_string_string_int',
      [stringType, stringType, stringType, intType],
      stringType,
      laborious(replace),
    ),
  ),
  declare(
    'split',
    member('string_split_string', [stringType, stringType], texts, split),
    member('string_split_string_int', [stringType, stringType, intType], texts, split),
  ),
  declare(
    'substring',
    member('string_substring_int', [stringType, intType], stringType, laborious(substring)),
    member(
      'string_substring_int_int',
      [stringType, intType, intType],
      stringType,
      laborious(substring),
    ),
  ),
  declare('trim', member('string_trim', [stringType], stringType, trim)),
  declare(
    'join',
    member('list_join', [texts], stringType, laborious(join)),
    member('list_join_string', [texts, stringType], stringType, laborious(join)),
  ),
  declare('strings.quote', overload('strings_quote', [stringType], stringType, quote)),
];

function formatFunction(numbers: NumberStyle): FunctionDeclaration {
  return declare(
    'format',
    member('string_format', [stringType, listType(dynType)], stringType, format(numbers)),
  );
}
