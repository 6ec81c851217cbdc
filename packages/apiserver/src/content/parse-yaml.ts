import type { CST, Document } from 'yaml';
import { loadYaml } from './load-yaml.ts';
import { scalarsRead } from './yaml-scalars.ts';

/** Anchors and aliases: the library looks for what each alias means among all of them. */
const referencesMax = 5_000;

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
  });
  // Of several documents, the first counts.
  for (const document of composer.compose(boundedTokens(text, limits), true, text.length)) {
    return document;
  }
  throw new Error('the YAML library made no document of a text');
}

/**
 * The tokens of a text, counted before anything is made of them. Only what can be no part of a scalar
 * or a comment counts, so that nothing is refused that would be small when it is read.
 */
function* boundedTokens(text: string, { valuesMax, depthMax }: TextLimits): Iterable<CST.Token> {
  const { Lexer, Parser } = loadYaml();
  const parser = new Parser();
  let [values, references] = [0, 0];
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (isScalar) isScalar = false;
    else if (lexeme === scalarMark) isScalar = true;
    else if (lexeme === ',' || lexeme === '-' || lexeme === ':') {
      // One stands with every element of a list or every field of a map.
      values += 1;
      if (values > valuesMax) {
        throw new ExcessiveYaml('too large', `more than ${valuesMax} fields and elements`);
      }
    } else if (lexeme.startsWith('&') || lexeme.startsWith('*')) {
      references += 1;
      if (references > referencesMax) {
        throw new ExcessiveYaml('too large', `more than ${referencesMax} anchors and aliases`);
      }
    }
    // The document, and a scalar in the innermost list or map.
    if (parser.stack.length > depthMax + 2) {
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
