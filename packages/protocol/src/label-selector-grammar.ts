import { badRequest } from './api-error.ts';
import type { LabelRequirement } from './label-requirement.ts';
import { checkLabelKey } from './object-name.ts';

/**
 * Reads the requirements of a label selector's text, unsorted, their values not yet checked.
 *
 * Errors: a BadRequest `ApiError` in the words of the API, which names what it found and what it
 * would have taken.
 */
export function readRequirements(text: string): LabelRequirement[] {
  const tokens = new Tokens(text);
  const requirements: LabelRequirement[] = [];
  for (;;) {
    const first = tokens.peek();
    if (first.kind === 'end') return requirements;
    if (!startsRequirement(first)) {
      throw unexpected(first, ", expected: !, identifier, or 'end of string'");
    }
    requirements.push(readRequirement(tokens));
    const next = tokens.take();
    if (next.kind === 'end') return requirements;
    if (next.text !== ',') throw unexpected(next, ", expected: ',' or 'end of string'");
    if (!startsRequirement(tokens.peek())) {
      throw unexpected(tokens.peek(), ", expected: identifier after ','");
    }
  }
}

interface Token {
  readonly kind: 'word' | 'symbol' | 'end';
  readonly text: string;
}

/** Words and symbols, one ahead. `in` and `notin` are words; only their place tells. */
class Tokens {
  readonly #pattern = /[ \t\r\n]*(?:(==|!=|[=!(),<>])|([^ \t\r\n=!(),<>]+))/y;
  readonly #text: string;
  #next: Token | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): Token {
    this.#next ??= this.#read();
    return this.#next;
  }

  take(): Token {
    const token = this.peek();
    this.#next = undefined;
    return token;
  }

  #read(): Token {
    const match = this.#pattern.exec(this.#text);
    if (match === null) {
      this.#pattern.lastIndex = this.#text.length;
      return { kind: 'end', text: '' };
    }
    const [, symbol, word = ''] = match;
    return symbol === undefined ? { kind: 'word', text: word } : { kind: 'symbol', text: symbol };
  }
}

function startsRequirement(token: Token): boolean {
  return token.kind === 'word' || token.text === '!';
}

function readRequirement(tokens: Tokens): LabelRequirement {
  const isAbsent = tokens.peek().text === '!';
  if (isAbsent) tokens.take();
  const key = tokens.take();
  if (key.kind !== 'word') throw refuse(key, ', expected: identifier');
  const problem = checkLabelKey(key.text);
  if (problem !== undefined) {
    const quoted = JSON.stringify(key.text);
    throw badRequest(`unable to parse requirement: <nil>: Invalid value: ${quoted}: ${problem}`);
  }
  if (isAbsent) return { key: key.text, operator: 'absent', values: [] };
  const next = tokens.peek();
  if (next.kind === 'end' || next.text === ',') {
    return { key: key.text, operator: 'exists', values: [] };
  }
  const operator = operators.get(tokens.take().text);
  if (operator === undefined) throw refuse(next, ', expected: in, notin, =, ==, !=, gt, lt');
  const isSet = operator === 'in' || operator === 'notin';
  return { key: key.text, operator, values: isSet ? readSet(tokens) : [readValue(tokens)] };
}

const operators: ReadonlyMap<string, LabelRequirement['operator']> = new Map([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '='],
  ['!=', '!='],
  ['>', '>'],
  ['<', '<'],
]);

/** Nothing at all is the empty value. */
function readValue(tokens: Tokens): string {
  const next = tokens.peek();
  if (next.kind === 'end' || next.text === ',') return '';
  if (next.kind !== 'word') throw refuse(next, ', expected: identifier');
  return tokens.take().text;
}

/** `(a,b)`; a place left empty is the empty value. */
function readSet(tokens: Tokens): string[] {
  const open = tokens.take();
  if (open.text !== '(') throw refuse(open, " expected: '('");
  const first = tokens.peek();
  if (first.kind !== 'word' && first.text !== ',' && first.text !== ')') {
    throw refuse(first, ", expected: ',', ')' or identifier");
  }
  const values = new Set<string>();
  for (;;) {
    const hasValue = tokens.peek().kind === 'word';
    values.add(hasValue ? tokens.take().text : '');
    const next = tokens.take();
    if (next.text === ')') return [...values].sort();
    if (next.text !== ',') {
      throw refuse(next, hasValue ? ", expected: ',' or ')'" : ", expected: ',', or identifier");
    }
  }
}

function unexpected(token: Token, expected: string): Error {
  return badRequest(`found '${token.text}'${expected}`);
}

function refuse(token: Token, expected: string): Error {
  return badRequest(`unable to parse requirement: found '${token.text}'${expected}`);
}
