import type { Issue } from '../issue.ts';

export type TokenKind =
  | 'identifier'
  | 'quotedIdentifier'
  | 'keyword'
  | 'int'
  | 'uint'
  | 'float'
  | 'string'
  | 'bytes'
  | 'sign'
  | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly offset: number;
}

/** Words that are tokens of their own; other reserved words are only refused as names. */
const keywords = new Set(['in', 'true', 'false', 'null']);

const space = /[\t\n\f\r ]+|\/\/[^\n]*/y;
const stringStart = /([bB]?)([rR]?)("""|'''|"|')/y;
const number =
  /(?:(?:\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)|(?:0x[0-9a-fA-F]+|\d+)([uU]?))/y;
const word = /[A-Za-z_]\w*/y;
const quotedWord = /`[\w.\-/ ]+`/y;
const halfSign = /[&|=`][^]?/uy;
const sign = /==|!=|<=|>=|&&|\|\||[<>[\]{}().,\-!?:+*/%]/y;

/**
 * Cuts the text of an expression into tokens; the last one is `end`. What is no token is left out and
 * noted among the issues, in the words of cel-go. Source: cel-spec, doc/langdef.md, "Syntax".
 */
export function readTokens(text: string, issues: Issue[]): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  const push = (kind: TokenKind, found: string): void => {
    tokens.push({ kind, text: found, offset: at });
    at += found.length;
  };
  const wrong = (found: string): void => {
    const shown = found.replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
    issues.push({ offset: at, message: `Syntax error: token recognition error at: '${shown}'` });
    at += found.length;
  };
  while (at < text.length) {
    const skipped = match(space);
    if (skipped !== null) {
      at += skipped[0].length;
      continue;
    }
    const opening = match(stringStart);
    if (opening !== null) {
      const { end, isWhole } = readString(text, at, opening);
      const found = text.slice(at, end);
      if (isWhole) push(opening[1] === '' ? 'string' : 'bytes', found);
      else wrong(found);
      continue;
    }
    const digits = match(number);
    if (digits !== null) {
      const isWhole = digits[1] !== undefined;
      push(!isWhole ? 'float' : digits[1] === '' ? 'int' : 'uint', digits[0]);
      continue;
    }
    const name = match(word)?.[0];
    if (name !== undefined) {
      push(keywords.has(name) ? 'keyword' : 'identifier', name);
      continue;
    }
    const quoted = match(quotedWord)?.[0];
    if (quoted !== undefined) {
      push('quotedIdentifier', quoted);
      continue;
    }
    const found = match(sign)?.[0];
    if (found !== undefined) {
      push('sign', found);
      continue;
    }
    // What could have become `&&` is wrong together with what stands there instead.
    const half = match(halfSign)?.[0];
    wrong(half ?? String.fromCodePoint(text.codePointAt(at) ?? 0));
  }
  tokens.push({ kind: 'end', text: '<EOF>', offset: text.length });
  return tokens;
}

/** What may follow a backslash. */
const escape = /[abfnrtv"'\\?`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}/y;
const escapeStart = /[xX][0-9a-fA-F]{0,1}|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?/y;

interface StringEnd {
  /** Behind the last quote; or behind what cannot stand in a string. */
  readonly end: number;
  readonly isWhole: boolean;
}

/** Finds the end of a literal, which begins with a prefix and quotes. */
function readString(text: string, at: number, opening: RegExpExecArray): StringEnd {
  const [whole, , raw, quote = ''] = opening;
  const isLong = quote.length === 3;
  let end = at + whole.length;
  while (end < text.length) {
    if (text.startsWith(quote, end)) return { end: end + quote.length, isWhole: true };
    const character = text[end] as string;
    if (!isLong && (character === '\n' || character === '\r')) break;
    if (character !== '\\' || raw !== '') end++;
    else {
      escape.lastIndex = end + 1;
      const found = escape.exec(text)?.[0];
      if (found === undefined) return { end: wrongEscapeEnd(text, end + 1), isWhole: false };
      end += 1 + found.length;
    }
  }
  return { end: Math.min(end, text.length), isWhole: false };
}

function wrongEscapeEnd(text: string, at: number): number {
  escapeStart.lastIndex = at;
  const begun = escapeStart.exec(text)?.[0] ?? '';
  return Math.min(at + begun.length + 1, text.length);
}
