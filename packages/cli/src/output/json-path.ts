import {
  JsonPathError,
  type JsonPathNode,
  type JsonPathStep,
  evaluateJsonPath,
  parseJsonPath,
  parseJsonPathTemplate,
} from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { formatCompactJson, formatJson } from './json-text.ts';

/**
 * Makes a printer from a template in kubectl's JSONPath: `{.metadata.name}`,
 * `{range .items[*]}{.metadata.name}{"\n"}{end}`.
 *
 * What is not there prints nothing. Source: Kubernetes documentation, "JSONPath Support".
 * Errors: `CommandError`, here for the template and from the printer for what does not fit it.
 */
export function compileJsonPath(template: string): (value: unknown) => string {
  const nodes = asCommand(() => parseJsonPathTemplate(template));
  return (value) => {
    const printed: string[] = [];
    asCommand(() => printNodes(nodes, value, printed));
    return printed.join('');
  };
}

/** The same, where each part of the template is a list in JSON of what it leads to. */
export function compileJsonPathAsJson(template: string): (value: unknown) => string {
  const nodes = asCommand(() => parseJsonPathTemplate(template));
  return (value) => {
    const lists: (readonly unknown[])[] = [];
    asCommand(() => collectLists(nodes, value, lists));
    return lists.map((list) => `${formatJson(list)}\n`).join('');
  };
}

function collectLists(
  nodes: readonly JsonPathNode[],
  value: unknown,
  lists: (readonly unknown[])[],
): void {
  for (const node of nodes) {
    if (node.kind === 'text') lists.push([node.text]);
    else if (node.kind === 'path') lists.push(evaluateJsonPath(node.steps, value));
    else {
      for (const each of evaluateJsonPath(node.steps, value)) collectLists(node.body, each, lists);
    }
  }
}

/** The one path that somebody means by `.metadata.name`, `metadata.name` or `{.metadata.name}`. */
export function readFieldPath(text: string): readonly JsonPathStep[] {
  const [, braced, plain] = /^\{\.?([^{}]+)\}$|^\.?([^{}]+)$/.exec(text) ?? [];
  const path = braced ?? plain;
  if (path === undefined) {
    throw new CommandError(
      `unexpected path string ${JSON.stringify(text)}, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'`,
    );
  }
  return asCommand(() => parseJsonPath(`.${path}`));
}

/** The values that a path leads to. Errors: `CommandError`. */
export function valuesAt(steps: readonly JsonPathStep[], value: unknown): readonly unknown[] {
  return asCommand(() => evaluateJsonPath(steps, value));
}

function asCommand<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof JsonPathError) throw new CommandError(error.message, { cause: error });
    throw error;
  }
}

function printNodes(nodes: readonly JsonPathNode[], value: unknown, printed: string[]): void {
  for (const node of nodes) {
    switch (node.kind) {
      case 'text':
        printed.push(node.text);
        break;
      case 'path':
        printed.push(evaluateJsonPath(node.steps, value).map(formatValue).join(' '));
        break;
      case 'range':
        for (const each of evaluateJsonPath(node.steps, value)) {
          printNodes(node.body, each, printed);
        }
    }
  }
}

function formatValue(value: unknown): string {
  if (typeof value === 'string') return value;
  return formatCompactJson(value);
}
