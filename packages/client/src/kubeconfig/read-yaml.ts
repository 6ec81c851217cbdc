import type { Document, ParsedNode } from 'yaml';

/** A YAML text as a tree that keeps comments, or what is wrong with the text. */
export type ParsedYaml =
  | {
      readonly kind: 'document';
      readonly document: Document.Parsed<ParsedNode>;
      toValue(): unknown;
    }
  | { readonly kind: 'malformed'; readonly detail: string };

/**
 * Reads YAML (and so JSON) as kubectl reads it: YAML 1.1 booleans and octal numbers, dates stay
 * text, a repeated key keeps its last value.
 *
 * The parser is loaded on the first call: a program inside a cluster never needs it.
 */
export async function readYaml(text: string): Promise<ParsedYaml> {
  const { parseDocument } = await import('yaml');
  const document = parseDocument(text, {
    version: '1.1',
    uniqueKeys: false,
    logLevel: 'error',
    prettyErrors: false,
    customTags: (tags) => tags.filter((tag) => !isForeignTag(tag)),
  });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, column } = positionOf(text, error.pos[0]);
    const detail = `line ${line}, column ${column}: ${error.message}`;
    return { kind: 'malformed', detail };
  }
  return { kind: 'document', document, toValue: () => document.toJS() as unknown };
}

/** Tags that Go's reader does not know: dates, base 60 numbers, sets. */
function isForeignTag(tag: unknown): boolean {
  if (typeof tag === 'string') return tag === 'timestamp' || tag === 'set' || tag === 'omap';
  if (typeof tag !== 'object' || tag === null || !('tag' in tag)) return false;
  const isBase60 = 'format' in tag && tag.format === 'TIME';
  return isBase60 || tag.tag === 'tag:yaml.org,2002:timestamp';
}

function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}
