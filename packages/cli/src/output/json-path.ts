import {
  JsonPathError,
  type JsonPathNode,
  evaluateJsonPath,
  parseJsonPathTemplate,
} from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { formatCompactJson } from './json-text.ts';

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
