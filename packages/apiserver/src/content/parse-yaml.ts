import type { CST, Document } from 'yaml';
import { loadYaml } from './load-yaml.ts';
import { scalarsRead } from './yaml-scalars.ts';

/** The library looks for what each alias means among all anchors and aliases: so often at most. */
const lookupsMax = 20_000_000;

/** Text that is given up before it is read to its end. */
export class ExcessiveYaml extends Error {
  readonly kind: 'malformed' | 'too large';

  constructor(kind: ExcessiveYaml['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What the text of one document may hold. */
interface TextLimits {
  /** Fields and elements. */
  readonly valuesMax: number;
  readonly depthMax: number;
}

/**
 * Reads the first YAML 1.1 document of a text. What is wrong with it stands in its `errors`, save for what ends the
 * reading at once: the library goes on after an error, however many follow. Errors: `ExcessiveYaml`.
 */
export function parseYaml(text: string, limits: TextLimits): Document.Parsed {
  const { Composer } = loadYaml();
  const composer = new Composer({
    version: '1.1',
    merge: true,
    uniqueKeys: false,
    // Pretty errors quote the line, which takes long for long lines.
    prettyErrors: false,
    logLevel: 'error',
    customTags: scalarsRead,
    intAsBigInt: mayHaveLongIntegers(text),
  });
  // Of several documents, the first counts.
  for (const document of composer.compose(boundedTokens(text, limits), true, text.length)) {
    return document;
  }
  throw new Error('the YAML library made no document of a text');
}

/** Where one integer may be too long for a number, all are bigints. */
export function mayHaveLongIntegers(text: string): boolean {
  return /\d\w{14}/.test(text);
}

/**
 * The tokens of a text, counted before anything is made of them. Only what can be no part of a scalar
 * or a comment counts, so that nothing is refused that would be small when it is read.
 */
function* boundedTokens(text: string, limits: TextLimits): Iterable<CST.Token> {
  const { Lexer, Parser } = loadYaml();
  const parser = new Parser();
  const signs = new SignCount(limits);
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (isScalar) isScalar = false;
    else {
      isScalar = lexeme === scalarMark;
      signs.add(lexeme);
    }
    // The document, and a scalar in the innermost list or map.
    if (parser.stack.length > limits.depthMax + 2) {
      throw new ExcessiveYaml('malformed', 'exceeded max depth');
    }
    for (const token of parser.next(lexeme)) {
      yield token;
      // The rest could only add to it.
      if (token.type === 'error') return;
    }
  }
  yield* parser.end();
}

/** What the library puts before the text of a scalar. */
const scalarMark = '\x1f';

/** Counts what a text has of each sign, and ends what can only be wrong. */
class SignCount {
  readonly #valuesMax: number;
  #values = 0;
  #references = 0;
  #aliases = 0;
  #tagsInRow = 0;
  #anchorsInRow = 0;
  /** The last sign that is more than space between others. */
  #last = '';

  constructor({ valuesMax }: TextLimits) {
    this.#valuesMax = valuesMax;
  }

  /** Errors: `ExcessiveYaml`. */
  add(lexeme: string): void {
    const first = lexeme.trimStart().charAt(0);
    if (first === '' || first === '#') return;
    if (lexeme === ',' && /^[,[{]$/.test(this.#last)) {
      throw new ExcessiveYaml('malformed', 'Unexpected , in flow collection');
    }
    this.#last = lexeme;
    // One stands with every element of a list or every field of a map.
    if (lexeme === ',' || lexeme === '-' || lexeme === ':') this.#countValue();
    if (first === '&' || first === '*') this.#countReference(first);
    if (first === '&' || first === '!') this.#countProperty(first);
    else this.#tagsInRow = this.#anchorsInRow = 0;
  }

  #countValue(): void {
    this.#values += 1;
    if (this.#values <= this.#valuesMax) return;
    throw new ExcessiveYaml('too large', `more than ${this.#valuesMax} fields and elements`);
  }

  #countReference(sign: '&' | '*'): void {
    this.#references += 1;
    if (sign === '*') this.#aliases += 1;
    if (this.#aliases * this.#references <= lookupsMax) return;
    throw new ExcessiveYaml('malformed', 'too many aliases of too many anchors');
  }

  /** A map may have one of each, and its first key another. */
  #countProperty(sign: '&' | '!'): void {
    if (sign === '!') this.#tagsInRow += 1;
    else this.#anchorsInRow += 1;
    if (this.#tagsInRow <= 2 && this.#anchorsInRow <= 2) return;
    const what = sign === '!' ? 'tag' : 'anchor';
    throw new ExcessiveYaml('malformed', `A node can have at most one ${what}`);
  }
}
