import { operators } from '../expression.ts';
import type { Value } from '../values/value.ts';
import type { TokenKind } from './lexer.ts';
import { bytesLiteral, doubleLiteral, intLiteral, stringLiteral, uintLiteral } from './literals.ts';

/** Names that may not be used, so that they may become part of the language. */
export const reservedNames: ReadonlySet<string> = new Set(
  `as break const continue else for function if import let loop package namespace return var void
   while`.split(/\s+/),
);

/** Operators of two operands, those that bind least first. */
export const binaryLevels: readonly ReadonlyMap<string, string>[] = [
  new Map([
    ['<', operators.less],
    ['<=', operators.lessOrEqual],
    ['>', operators.greater],
    ['>=', operators.greaterOrEqual],
    ['==', operators.equals],
    ['!=', operators.notEquals],
    ['in', operators.in],
  ]),
  new Map([
    ['+', operators.add],
    ['-', operators.subtract],
  ]),
  new Map([
    ['*', operators.multiply],
    ['/', operators.divide],
    ['%', operators.modulo],
  ]),
];

/** What the tokens of literals say; undefined: malformed. */
export const literalReaders: Partial<Record<TokenKind, (text: string) => Value | undefined>> = {
  int: (text) => intLiteral(text, false),
  uint: uintLiteral,
  float: doubleLiteral,
  string: stringLiteral,
  bytes: bytesLiteral,
};

/** What they are called in messages. */
export const literalNames: Partial<Record<TokenKind, string>> = {
  int: 'int',
  uint: 'uint',
  float: 'double',
  bytes: 'bytes',
};
