import type { Issue } from '../issue.ts';
import type { Token, TokenKind } from './lexer.ts';

/** What an operand may begin with, as cel-go lists it. */
const values = "'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";
const starts = {
  operand: `{'[', '{', '(', '.', '-', '!', ${values}`,
  list: `{'[', ']', '{', '(', '.', ',', '-', '!', '?', ${values}`,
  map: `{'[', '{', '}', '(', '.', ',', '-', '!', '?', ${values}`,
} as const;

const primaryKinds: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'identifier',
  'int',
  'uint',
  'float',
  'string',
  'bytes',
]);
const primarySigns = new Set(['(', '[', '{', '.']);
const nameKinds: ReadonlySet<TokenKind> = new Set<TokenKind>(['identifier', 'quotedIdentifier']);

/** Goes through tokens, and says as cel-go's parser does which one it did not expect. */
export class TokenReader {
  /** Thrown when nothing can be made of the rest. */
  static readonly stop: Error = new Error('the expression is malformed');

  readonly #tokens: readonly Token[];
  readonly #issues: Issue[];
  /** What the next operand is the first of; before the first of a list or a map, messages name more signs. */
  within: keyof typeof starts = 'operand';
  #at = 0;

  constructor(tokens: readonly Token[], issues: Issue[]) {
    this.#tokens = tokens;
    this.#issues = issues;
  }

  get next(): Token {
    return this.peek(0);
  }

  peek(ahead: number): Token {
    return (this.#tokens[this.#at + ahead] ?? this.#tokens.at(-1)) as Token;
  }

  advance(): Token {
    const token = this.next;
    this.#at++;
    return token;
  }

  /** Takes this sign, if it is the next token. */
  take(sign: string): Token | undefined {
    return isSign(this.next, sign) ? this.advance() : undefined;
  }

  /** Takes the name of a field, if it is the next token. */
  takeName(): Token | undefined {
    return nameKinds.has(this.next.kind) ? this.advance() : undefined;
  }

  /** Takes `.b.c` when that makes `a` the name of a message: a brace follows. */
  takeMessageName(): string | undefined {
    let ahead = 0;
    let path = '';
    for (;;) {
      if (isSign(this.peek(ahead), '{')) break;
      const name = this.peek(ahead + 1);
      if (!isSign(this.peek(ahead), '.') || name.kind !== 'identifier') return undefined;
      path += `.${name.text}`;
      ahead += 2;
    }
    this.#at += ahead;
    return path;
  }

  expect(sign: string): Token {
    const taken = this.take(sign);
    if (taken !== undefined) return taken;
    if (isSign(this.peek(1), sign)) {
      this.#unexpected('extraneous', `'${sign}'`);
      this.advance();
      return this.advance();
    }
    if (sign !== ':' && this.next.kind === 'end') {
      this.#note(`missing '${sign}' at '<EOF>'`);
      throw TokenReader.stop;
    }
    this.#unexpected('mismatched', `'${sign}'`);
    throw TokenReader.stop;
  }

  /** Notes that the name of a field should be here, or before the first one the end. */
  expectFieldName(isFirst: boolean): never {
    const names = 'IDENTIFIER, ESC_IDENTIFIER}';
    this.#unexpected('mismatched', isFirst ? `{'}', ',', '?', ${names}` : `{${names}`);
    throw TokenReader.stop;
  }

  /**
   * The first token of an operand, which may be the first of a list or a map; one that is too much before
   * it is passed over. Undefined when there is none and the rest may be looked at.
   */
  expectPrimary(): Token | undefined {
    const { within } = this;
    this.within = 'operand';
    if (startsPrimary(this.next)) return this.advance();
    if (startsPrimary(this.peek(1)) && this.next.kind !== 'end') {
      this.#unexpected('extraneous', starts[within]);
      this.advance();
      return this.advance();
    }
    this.#unexpected('mismatched', starts[within]);
    if (this.next.kind !== 'sign' && this.next.kind !== 'keyword') throw TokenReader.stop;
    return undefined;
  }

  expectEnd(): void {
    if (this.next.kind === 'end') return;
    this.#unexpected(this.peek(1).kind === 'end' ? 'extraneous' : 'mismatched', '<EOF>');
  }

  /** Notes that only a name can follow a dot. */
  expectName(isOptional: boolean): void {
    const { kind, text } = this.next;
    if (kind === 'keyword' && text !== 'in') this.#unexpected('mismatched', 'IDENTIFIER');
    else {
      const found = kind === 'end' ? '' : text;
      this.#note(`no viable alternative at input '.${isOptional ? '?' : ''}${found}'`);
    }
  }

  #unexpected(how: 'extraneous' | 'mismatched', expected: string): void {
    this.#note(`${how} input '${this.next.text}' expecting ${expected}`);
  }

  #note(problem: string): void {
    this.#issues.push({ offset: this.next.offset, message: `Syntax error: ${problem}` });
  }
}

function isSign({ kind, text }: Token, sign: string): boolean {
  return kind === 'sign' && text === sign;
}

function startsPrimary({ kind, text }: Token): boolean {
  if (kind === 'keyword') return text !== 'in';
  return primaryKinds.has(kind) || (kind === 'sign' && primarySigns.has(text));
}
