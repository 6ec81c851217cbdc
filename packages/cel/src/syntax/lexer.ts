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
  while (at < text.length) {
    const skipped = match(space);
    if (skipped !== null) {
      at += skipped[0].length;
      continue;
    }
    const opening = match(stringStart);
    if (opening !== null) {
      const found = readString(text, at, opening);
      if (found !== undefined) {
        push(opening[1] === '' ? 'string' : 'bytes', found);
        continue;
      }
    }
    const digits = match(number);
    if (digits !== null) {
      const isWhole = digits[1] !== undefined;
      push(!isWhole ? 'float' : digits[1] === '' ? 'int' : 'uint', digits[0]);
      continue;
    }
    const name = match(word)?.[0];
    if (name !== undefined && opening === null) {
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
    const length =
      opening === null ? ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) : lineRest(text, at);
    const wrong = text.slice(at, at + length).replaceAll('\n', '\\n');
    issues.push({ offset: at, message: `Syntax error: token recognition error at: '${wrong}'` });
    at += length;
  }
  tokens.push({ kind: 'end', text: '<EOF>', offset: text.length });
  return tokens;
}

function lineRest(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return (end < 0 ? text.length : end) - at;
}

/** The whole literal with its prefix and quotes; undefined when it does not end. */
function readString(text: string, at: number, opening: RegExpExecArray): string | undefined {
  const [whole, , raw, quote = ''] = opening;
  const isLong = quote.length === 3;
  let end = at + whole.length;
  for (;;) {
    if (end >= text.length) return undefined;
    if (text.startsWith(quote, end)) return text.slice(at, end + quote.length);
    const character = text[end];
    if (!isLong && (character === '\n' || character === '\r')) return undefined;
    end += character === '\\' && raw === '' ? 2 : 1;
  }
}
