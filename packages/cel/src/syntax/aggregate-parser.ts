import type { Expression, MapEntry, MessageField } from '../expression.ts';
import type { Token } from './lexer.ts';
import type { NodeMaker } from './node-maker.ts';
import type { TokenReader } from './token-reader.ts';

/** What the parser of aggregates needs of the parser that it belongs to. */
export interface AggregateParts {
  readonly tokens: TokenReader;
  readonly nodes: NodeMaker;
  readonly parseExpression: () => Expression;
  /** The name of a field as it was meant. */
  readonly fieldName: (token: Token) => string;
}

/** Reads what has several expressions in it, behind the sign that opens it. */
export class AggregateParser {
  readonly #tokens: TokenReader;
  readonly #nodes: NodeMaker;
  readonly #parseExpression: () => Expression;
  readonly #fieldName: (token: Token) => string;

  constructor({ tokens, nodes, parseExpression, fieldName }: AggregateParts) {
    this.#tokens = tokens;
    this.#nodes = nodes;
    this.#parseExpression = parseExpression;
    this.#fieldName = fieldName;
  }

  arguments(close: string): readonly Expression[] {
    const args: Expression[] = [];
    if (this.#tokens.take(close) !== undefined) return args;
    do args.push(this.#parseExpression());
    while (this.#tokens.take(',') !== undefined);
    this.#tokens.expect(close);
    return args;
  }

  list(open: Token): Expression {
    const elements: Expression[] = [];
    const optionals = new Set<number>();
    this.#tokens.within = 'list';
    while (this.#tokens.take(']') === undefined) {
      if (this.#tokens.take('?') !== undefined) optionals.add(elements.length);
      elements.push(this.#parseExpression());
      if (this.#tokens.take(',') !== undefined) continue;
      this.#tokens.expect(']');
      break;
    }
    this.#tokens.within = 'operand';
    return this.#nodes.add({ kind: 'list', elements, optionals, offset: open.offset });
  }

  map(open: Token): Expression {
    const entries: MapEntry[] = [];
    this.#tokens.within = 'map';
    while (this.#tokens.take('}') === undefined) {
      const isOptional = this.#tokens.take('?') !== undefined;
      const key = this.#parseExpression();
      this.#tokens.expect(':');
      entries.push({ key, value: this.#parseExpression(), isOptional });
      if (this.#tokens.take(',') !== undefined) continue;
      this.#tokens.expect('}');
      break;
    }
    this.#tokens.within = 'operand';
    return this.#nodes.add({ kind: 'map', entries, offset: open.offset });
  }

  message(name: string, open: Token): Expression {
    const fields: MessageField[] = [];
    while (this.#tokens.take('}') === undefined) {
      const isOptional = this.#tokens.take('?') !== undefined;
      const isFirst = fields.length === 0 && !isOptional;
      const field = this.#tokens.takeName() ?? this.#tokens.expectFieldName(isFirst);
      const name = this.#fieldName(field);
      const { offset } = this.#tokens.expect(':');
      fields.push({ name, value: this.#parseExpression(), isOptional, offset });
      if (this.#tokens.take(',') !== undefined) continue;
      this.#tokens.expect('}');
      break;
    }
    return this.#nodes.add({ kind: 'message', name, fields, offset: open.offset });
  }
}
