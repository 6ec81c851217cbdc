import { describeJsonSyntaxError } from './json-syntax-error.ts';
import { longInteger, parseJson } from './json-text.ts';
import { hasLongNumber } from './long-number.ts';

/** What `decodeJson` made of bytes. */
export type DecodedJson =
  | {
      readonly kind: 'decoded';
      /** A fresh object that is not shared. A key `__proto__` is an ordinary own property. */
      readonly value: unknown;
      /** Paths of fields that stood more than once (`spec.containers[0].name`); the last won. */
      readonly duplicateFields: readonly string[];
      /**
       * Numbers with a fraction or an exponent (`5.0`, `1e1`) and integers beyond 64 bits, as they are
       * written, by their paths.
       */
      readonly numberTexts?: ReadonlyMap<string, string>;
    }
  | {
      readonly kind: 'malformed';
      /** In the words of the API: `unexpected end of JSON input`. */
      readonly problem: string;
      /** What it would be, where nothing is wrong but a number that is too large for any. */
      readonly value?: unknown;
    }
  | { readonly kind: 'too large'; readonly problem: string };

/** Bounds of JSON. */
export interface JsonLimits {
  readonly depthMax?: number;
  /** Fields and elements of lists, at every depth together. Any number unless told. */
  readonly valuesMax?: number;
  /** Fields of one object: a great many take far longer than as many elements. */
  readonly fieldsMax?: number;
}

/**
 * Decodes JSON (UTF-8) as `parseJson` does and notices what that hides: fields given twice, nesting
 * deeper than `depthMax`, numbers too large for any number.
 *
 * Bytes that are not UTF-8, and escapes for half a character, become U+FFFD, as the API has it.
 */
export function decodeJson(
  json: Uint8Array,
  { depthMax = 1000, valuesMax = Infinity, fieldsMax = Infinity }: JsonLimits = {},
): DecodedJson {
  const finding = scan(json, { depthMax, valuesMax, fieldsMax });
  if (finding === 'too deep') return { kind: 'malformed', problem: 'exceeded max depth' };
  if (finding === 'too large') {
    return { kind: 'too large', problem: `more than ${valuesMax} fields and elements` };
  }
  if (finding === 'too wide') {
    return { kind: 'too large', problem: `more than ${fieldsMax} fields in one object` };
  }
  let text = decoder.decode(json);
  if (finding === 'surrogates') text = withoutHalves(text);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const problem = describeJsonSyntaxError(json) ?? error.message;
    return { kind: 'malformed', problem };
  }
  if (finding === 'plain' && !hasLongNumber(text)) {
    return { kind: 'decoded', value, duplicateFields: [] };
  }
  return inspect(text, value);
}

/** Puts U+FFFD in the place of escapes for one half of a character; all others are passed by. */
function withoutHalves(text: string): string {
  const escapes = /\\(?:u(d[89ab][\da-f]{2}\\ud[c-f][\da-f]{2})|u(d[89a-f][\da-f]{2})|[^])/gi;
  return text.replace(escapes, (found, _whole, half) => (half === undefined ? found : '\\ufffd'));
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Looks at each byte once, without making anything but one number a key. `suspicious` is a guess
 * (two keys with the same hash, an escape in a key, a fraction, an exponent) that a slow look then settles;
 * so is `surrogates`, where there are escapes for halves of characters too.
 * Never fails on bytes that are not JSON; `JSON.parse` judges those.
 */
function scan(
  json: Uint8Array,
  { depthMax, valuesMax, fieldsMax }: Required<JsonLimits>,
): 'plain' | 'suspicious' | 'surrogates' | 'too deep' | 'too large' | 'too wide' {
  const hashes: number[] = [];
  /** Where the keys of each open object begin in `hashes`; an array has none. */
  const starts: number[] = [];
  let finding: 'plain' | 'suspicious' = 'plain';
  let depth = 0;
  let hash = 0;
  let hasEscape = false;
  let hasSurrogate = false;
  let lastMark = 0;
  // A value stands behind each comma, and one in each list or object that is not empty.
  let values = 0;
  const length = json.length;
  for (let at = 0; at < length; at += 1) {
    const byte = json[at] as number;
    if (byte === 0x22) {
      hash = 0;
      hasEscape = false;
      for (at += 1; at < length; at += 1) {
        const inside = json[at] as number;
        if (inside === 0x22) break;
        if (inside === 0x5c) {
          hasEscape = true;
          at += 1;
          if (json[at] === 0x75 && ((json[at + 1] as number) | 0x20) === 0x64) hasSurrogate = true;
        } else hash = (Math.imul(hash, 31) + inside) | 0;
      }
      lastMark = at;
    } else if (byte === 0x3a) {
      if (hasEscape) finding = 'suspicious';
      hashes.push(hash);
      lastMark = at;
    } else if (byte === 0x7b || byte === 0x5b) {
      starts.push(hashes.length);
      depth += 1;
      values += 1;
      if (depth > depthMax) return 'too deep';
      lastMark = at;
    } else if (byte === 0x7d || byte === 0x5d) {
      if (at - lastMark > digitsMax) finding = 'suspicious';
      depth -= 1;
      const start = starts.pop() ?? 0;
      if (hashes.length - start > fieldsMax) return 'too wide';
      if (hashes.length - start > 1 && hasRepetition(hashes, start)) finding = 'suspicious';
      hashes.length = start;
      lastMark = at;
    } else if (byte === 0x2c) {
      values += 1;
      if (values > valuesMax) return 'too large';
      if (at - lastMark > digitsMax) finding = 'suspicious';
      lastMark = at;
    } else if (byte === 0x2e) finding = 'suspicious';
    else if ((byte === 0x65 || byte === 0x45) && isDigit(json[at - 1])) finding = 'suspicious';
  }
  return hasSurrogate ? 'surrogates' : finding;
}

/** A number of fewer digits and no exponent is finite. */
const digitsMax = 300;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

function hasRepetition(hashes: readonly number[], start: number): boolean {
  if (hashes.length - start > 12) return new Set(hashes.slice(start)).size < hashes.length - start;
  for (let at = start + 1; at < hashes.length; at += 1) {
    if (hashes.lastIndexOf(hashes[at] as number, at - 1) >= start) return true;
  }
  return false;
}

/** Walks JSON that is known to be well-formed, with the path of every key. */
function inspect(text: string, value: unknown): DecodedJson {
  const duplicates = new Set<string>();
  const numberTexts = new Map<string, string>();
  const open: Container[] = [];
  let expectsKey = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    const inner = open.at(-1);
    if (character === '"') {
      const end = endOfString(text, at);
      if (expectsKey && inner?.keys !== undefined) {
        inner.key = JSON.parse(text.slice(at, end + 1)) as string;
        if (!inner.keys.has(inner.key)) inner.keys.add(inner.key);
        else if (duplicates.size < duplicateFieldsMax) duplicates.add(pathOf(open));
      }
      at = end;
    } else if (character === '{' || character === '[') {
      open.push({ keys: character === '{' ? new Set() : undefined, key: '', index: 0 });
      expectsKey = character === '{';
    } else if (character === '}' || character === ']') open.pop();
    else if (character === ':') expectsKey = false;
    else if (character === ',' && inner !== undefined) {
      expectsKey = inner.keys !== undefined;
      inner.index += 1;
    } else if (/[-0-9]/.test(character)) {
      const end = endOfNumber(text, at);
      const number = text.slice(at, end);
      if (!Number.isFinite(Number(number))) {
        const problem = `json: cannot unmarshal number ${number} into Go value of type float64`;
        return { kind: 'malformed', problem, value };
      }
      if (!isWrittenPlainly(number) && numberTexts.size < numberTextsMax) {
        numberTexts.set(pathOf(open), number);
      }
      at = end - 1;
    }
  }
  const decoded = { kind: 'decoded', value, duplicateFields: [...duplicates] } as const;
  return numberTexts.size === 0 ? decoded : { ...decoded, numberTexts };
}

/** As an integer, and one whose digits are all kept. */
function isWrittenPlainly(number: string): boolean {
  if (/[.eE]/.test(number)) return false;
  return Number.isSafeInteger(Number(number)) || longInteger(number) !== undefined;
}

/** More are read as the numbers that they are. */
const numberTextsMax = 1_000;

/** As many as the API reports. */
const duplicateFieldsMax = 100;

interface Container {
  /** Undefined for an array. */
  readonly keys: Set<string> | undefined;
  key: string;
  index: number;
}

function pathOf(open: readonly Container[]): string {
  let path = '';
  for (const { keys, key, index } of open) {
    if (keys === undefined) path += `[${index}]`;
    else path += path === '' ? key : `.${key}`;
  }
  return path;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
}

function endOfNumber(text: string, start: number): number {
  let end = start;
  while (end < text.length && /[-+.0-9eE]/.test(text[end] ?? '')) end += 1;
  return end;
}
