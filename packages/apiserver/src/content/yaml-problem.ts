import type { Document, YAMLError } from 'yaml';
import { loadYaml } from './load-yaml.ts';

/**
 * What is wrong with a YAML text: in the words of the reader that Kubernetes has where it is a fault that both name,
 * else in the library's. Undefined when the document can be used.
 *
 * Source: libyaml, whose messages go-yaml has.
 */
export function yamlProblem(document: Document.Parsed, text: string): string | undefined {
  const problem = document.errors.find((error) => !isBehind(document, error));
  if (problem === undefined) return undefined;
  const { message, pos } = problem;
  return inWordsOfKubernetes(problem, text) ?? `line ${linesBefore(text, pos[0]) + 1}: ${message}`;
}

/** Nobody reads what comes after a document that has ended with a bracket or a quote. */
function isBehind({ contents }: Document.Parsed, { code, pos: [at] }: YAMLError): boolean {
  if (code !== 'UNEXPECTED_TOKEN') return false;
  const { isCollection, isScalar } = loadYaml();
  const isFlow = isCollection(contents) && contents.flow === true;
  const isQuoted = isScalar(contents) && contents.type?.startsWith('QUOTE_') === true;
  return (isFlow || isQuoted) && contents.range !== null && at >= contents.range[1];
}

function inWordsOfKubernetes({ code, message, pos }: YAMLError, text: string): string | undefined {
  const [at] = pos;
  switch (code) {
    case 'BLOCK_AS_IMPLICIT_KEY':
      return noToken('mapping values are not allowed in this context', nextColon(text, at), text);
    case 'TAB_AS_INDENT': {
      const isPlain = /[^\s:\-?,'"\]}]\s*$/.test(text.slice(0, at));
      const words = isPlain ? 'found a tab character that violates indentation' : noStart;
      return noToken(words, at, text);
    }
    case 'BAD_SCALAR_START':
      return noToken(noStart, at, text);
    case 'BAD_DQ_ESCAPE':
      return noToken('found unknown escape character', at, text);
    case 'BAD_INDENT':
    case 'MISSING_CHAR':
      return unfinished(message, at, text);
    default:
      return undefined;
  }
}

const noStart = 'found character that cannot start any token';

function unfinished(message: string, at: number, text: string): string | undefined {
  if (message.startsWith('Missing closing')) {
    return noToken('found unexpected end of stream', at, text);
  }
  if (message.startsWith('Implicit map keys')) {
    // Noticed in the next line.
    return `line ${linesBefore(text, at) + 2}: could not find expected ':'`;
  }
  if (message.startsWith('All mapping items')) return unfit('did not find expected key', at, text);
  if (message.startsWith('All sequence items')) {
    return unfit("did not find expected '-' indicator", at, text);
  }
  const [, kind] = /^Flow (map|sequence)/.exec(message) ?? [];
  if (kind === undefined) return undefined;
  const isOpen = /[,:[{]$/.test(text.slice(0, at).trimEnd());
  if (isOpen) return unfit('did not find expected node content', at, text);
  return unfit(`did not find expected ',' or '${kind === 'map' ? '}' : ']'}'`, at, text);
}

/** Of a place that cannot be read the line counts from 1, and the first one is not named. */
function noToken(words: string, at: number, text: string): string {
  const line = linesBefore(text, at);
  return line === 0 ? words : `line ${line + 1}: ${words}`;
}

/** Of what does not fit there the line counts from 0. The end of a text is a line of its own. */
function unfit(words: string, at: number, text: string): string {
  const isEnd = at >= text.length && !text.endsWith('\n');
  const line = linesBefore(text, at) + (isEnd ? 1 : 0);
  return line === 0 ? words : `line ${line}: ${words}`;
}

function nextColon(text: string, from: number): number {
  const found = text.slice(from).search(/:(\s|$)/);
  return found < 0 ? from : from + found;
}

function linesBefore(text: string, at: number): number {
  return text.slice(0, at).split('\n').length - 1;
}
