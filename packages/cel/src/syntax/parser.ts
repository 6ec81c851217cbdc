import { type Expression, operators } from '../expression.ts';
import type { Issue } from '../issue.ts';
import { AggregateParser } from './aggregate-parser.ts';
import { balance } from './balance.ts';
import { binaryLevels, literalReaders, reservedNames } from './grammar.ts';
import { type Token, readTokens } from './lexer.ts';
import { doubleLiteral, intLiteral } from './literals.ts';
import { NodeMaker, ParseStop, type ParseOptions } from './node-maker.ts';
import { TokenReader } from './token-reader.ts';

export type Parsed =
  | {
      readonly kind: 'parsed';
      readonly expression: Expression;
      /** How many it consists of, macros expanded. */
      readonly nodes: number;
    }
  | { readonly kind: 'malformed'; readonly issues: readonly Issue[] };

/**
 * Reads an expression. The grammar is that of cel-spec, doc/langdef.md, with the syntax of optional
 * values; what is wrong is told as cel-go tells it, up to the first place after which nothing can be
 * made of the rest.
 */
export function parse(text: string, options: ParseOptions): Parsed {
  const { expressionCharactersMax } = options.limits;
  if (text.length > expressionCharactersMax) {
    const message = `expression code point size exceeds limit: size: ${text.length}, limit ${expressionCharactersMax}`;
    return { kind: 'malformed', issues: [{ offset: 0, message }] };
  }
  const issues: Issue[] = [];
  const tokens = readTokens(text, issues);
  const parser = new Parser(new TokenReader(tokens, issues), issues, options);
  const expression = parser.parseAll();
  if (expression === undefined || issues.length > 0) return { kind: 'malformed', issues };
  return { kind: 'parsed', expression, nodes: parser.nodesOf(expression) };
}

class Parser {
  readonly #tokens: TokenReader;
  readonly #issues: Issue[];
  readonly #options: ParseOptions;
  readonly #nodes: NodeMaker;
  readonly #aggregates: AggregateParser;
  #nesting = 0;

  constructor(tokens: TokenReader, issues: Issue[], options: ParseOptions) {
    this.#tokens = tokens;
    this.#issues = issues;
    this.#options = options;
    this.#nodes = new NodeMaker(issues, options);
    this.#aggregates = new AggregateParser({
      tokens,
      nodes: this.#nodes,
      parseExpression: () => this.#parseExpression(),
      fieldName: (token) => this.#fieldName(token),
    });
  }

  nodesOf(expression: Expression): number {
    return this.#nodes.nodesOf(expression);
  }

  parseAll(): Expression | undefined {
    try {
      const expression = this.#parseExpression();
      this.#tokens.expectEnd();
      return expression;
    } catch (error) {
      if (error instanceof ParseStop || error === TokenReader.stop) return undefined;
      throw error;
    }
  }

  #parseExpression(): Expression {
    const { nestingMax } = this.#options.limits;
    if (++this.#nesting > nestingMax) {
      this.#nodes.stop(
        this.#tokens.next.offset,
        `expression recursion limit exceeded: ${nestingMax}`,
      );
    }
    const condition = this.#parseLogic('||', operators.or, () =>
      this.#parseLogic('&&', operators.and, () => this.#parseBinary(0)),
    );
    const sign = this.#tokens.take('?');
    if (sign === undefined) {
      this.#nesting--;
      return condition;
    }
    const then = this.#parseLogic('||', operators.or, () =>
      this.#parseLogic('&&', operators.and, () => this.#parseBinary(0)),
    );
    this.#tokens.expect(':');
    const otherwise = this.#parseExpression();
    this.#nesting--;
    return this.#nodes.call(sign, operators.conditional, [condition, then, otherwise]);
  }

  /** `a && b && c`, as a tree that is no deeper than it must be. */
  #parseLogic(sign: string, name: string, parseTerm: () => Expression): Expression {
    const terms = [parseTerm()];
    const signs: Token[] = [];
    for (
      let found = this.#tokens.take(sign);
      found !== undefined;
      found = this.#tokens.take(sign)
    ) {
      signs.push(found);
      terms.push(parseTerm());
    }
    return balance(terms, (at, left, right) =>
      this.#nodes.call(signs[at] as Token, name, [left, right]),
    );
  }

  #parseBinary(level: number): Expression {
    const signs = binaryLevels[level];
    if (signs === undefined) return this.#parseUnary();
    let left = this.#parseBinary(level + 1);
    for (;;) {
      const token = this.#tokens.next;
      const name =
        token.kind === 'sign' || token.kind === 'keyword' ? signs.get(token.text) : undefined;
      if (name === undefined) return left;
      this.#tokens.advance();
      left = this.#nodes.call(token, name, [left, this.#parseBinary(level + 1)]);
    }
  }

  #parseUnary(): Expression {
    const token = this.#tokens.next;
    if (token.kind !== 'sign' || (token.text !== '!' && token.text !== '-')) {
      return this.#parseMember(this.#parsePrimary());
    }
    const { text } = token;
    this.#tokens.within = 'operand';
    let count = 0;
    for (; this.#tokens.next.text === text && this.#tokens.next.kind === 'sign'; count++) {
      const number = this.#tokens.peek(1);
      if (text === '-' && (number.kind === 'int' || number.kind === 'float')) break;
      this.#tokens.advance();
    }
    const operand =
      this.#tokens.next.text === '-' && text === '-'
        ? this.#parseMember(this.#parseNegative())
        : this.#parseMember(this.#parsePrimary());
    if (count % 2 === 0) return operand;
    return this.#nodes.call(token, text === '!' ? operators.not : operators.negate, [operand]);
  }

  /** `-1`, which is one literal, so that the least int can be said. */
  #parseNegative(): Expression {
    const minus = this.#tokens.advance();
    const number = this.#tokens.advance();
    const value =
      number.kind === 'int' ? intLiteral(number.text, true) : doubleLiteral(`-${number.text}`);
    return this.#nodes.literal({ ...minus, kind: number.kind }, value);
  }

  #parseMember(start: Expression): Expression {
    let operand = start;
    for (;;) {
      const sign = this.#tokens.take('.') ?? this.#tokens.take('[');
      if (sign === undefined) return operand;
      const isOptional = this.#tokens.take('?') !== undefined;
      if (sign.text === '[') {
        const index = this.#parseExpression();
        this.#tokens.expect(']');
        operand = this.#nodes.call(sign, isOptional ? operators.optionalIndex : operators.index, [
          operand,
          index,
        ]);
        continue;
      }
      const name = this.#tokens.takeName();
      if (name === undefined) {
        this.#tokens.expectName(isOptional);
        if (this.#tokens.next.text !== 'in') throw TokenReader.stop;
        continue;
      }
      operand = this.#parseSelection(operand, { sign, name, isOptional });
    }
  }

  #parseSelection(operand: Expression, { sign, name, isOptional }: Selection): Expression {
    const field = this.#fieldName(name);
    if (isOptional) {
      const literal = this.#nodes.literal(name, field);
      return this.#nodes.call(sign, operators.optionalSelect, [operand, literal]);
    }
    const open = name.kind === 'identifier' ? this.#tokens.take('(') : undefined;
    if (open === undefined) {
      return this.#nodes.add({
        kind: 'select',
        operand,
        field,
        isTest: false,
        offset: sign.offset,
      });
    }
    const args = this.#aggregates.arguments(')');
    return this.#nodes.invoke({
      kind: 'call',
      name: field,
      target: operand,
      arguments: args,
      offset: open.offset,
    });
  }

  #fieldName({ kind, text, offset }: Token): string {
    if (kind !== 'quotedIdentifier') return text;
    if (this.#options.allowsQuotedNames !== true) {
      this.#issues.push({ offset, message: "unsupported syntax: '`'" });
    }
    return text.slice(1, -1);
  }

  #parsePrimary(): Expression {
    const token = this.#tokens.expectPrimary();
    if (token === undefined) {
      return { kind: 'literal', value: null, offset: this.#tokens.next.offset };
    }
    const read = literalReaders[token.kind];
    if (read !== undefined) return this.#nodes.literal(token, read(token.text));
    if (token.kind === 'keyword') {
      return this.#nodes.literal(token, token.text === 'null' ? null : token.text === 'true');
    }
    switch (token.text) {
      case '(': {
        const inner = this.#parseExpression();
        this.#tokens.expect(')');
        return inner;
      }
      case '[':
        return this.#aggregates.list(token);
      case '{':
        return this.#aggregates.map(token);
      case '.':
        if (this.#tokens.next.kind !== 'identifier') {
          this.#tokens.expectName(false);
          throw TokenReader.stop;
        }
        return this.#parseName(this.#tokens.advance(), '.');
      default:
        return this.#parseName(token, '');
    }
  }

  #parseName(token: Token, dot: string): Expression {
    if (reservedNames.has(token.text)) {
      this.#issues.push({ offset: token.offset, message: `reserved identifier: ${token.text}` });
    }
    const name = dot + token.text;
    const open = this.#tokens.take('(');
    if (open !== undefined) {
      const args = this.#aggregates.arguments(')');
      return this.#nodes.invoke({ kind: 'call', name, arguments: args, offset: open.offset });
    }
    const path = this.#tokens.takeMessageName();
    if (path !== undefined) return this.#aggregates.message(name + path, this.#tokens.expect('{'));
    return this.#nodes.add({ kind: 'identifier', name, offset: token.offset });
  }
}

interface Selection {
  readonly sign: Token;
  readonly name: Token;
  readonly isOptional: boolean;
}
