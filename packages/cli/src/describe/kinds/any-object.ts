import { type ResourceDescriptor, isJsonObject } from '@fairway/protocol';
import { type Describer, aboutItself } from '../describer.ts';
import { fieldWords } from '../field-words.ts';
import { type Lines, field, lines, section } from '../lines.ts';
import { headLines } from '../metadata-lines.ts';

/** Describes what nobody describes better: custom resources, and some kinds of Kubernetes. */
export function anyObject(resource: ResourceDescriptor): Describer {
  return {
    resource,
    eventSubjects: (object) => aboutItself(resource, object),
    questions: () => ({}),
    describe: (object) => lines(headLines(object), contentLines(withoutHead(object))),
  };
}

function withoutHead(object: object): object {
  const metadata = Object.entries((object as { metadata?: object }).metadata ?? {});
  const rest = metadata.filter(([name]) => !toldOrNoise.has(name));
  return { ...object, metadata: Object.fromEntries(rest) };
}

const toldOrNoise = new Set(['managedFields', 'name', 'namespace', 'labels', 'annotations']);

function contentLines(content: object): Lines {
  const entries = Object.entries(content).sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.flatMap(([name, value]: [string, unknown]): Lines => {
    const label = fieldWords(name);
    if (Array.isArray(value)) return section(label, value.flatMap(itemLines));
    if (isJsonObject(value)) return section(label, contentLines(value));
    return [field(label, valueText(value))];
  });
}

function itemLines(item: unknown): Lines {
  return isJsonObject(item) ? contentLines(item) : [valueText(item)];
}

/** As Go prints a value: `[a b]`, `map[a:b]`, `<nil>`. */
function valueText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(valueText).join(' ')}]`;
  if (!isJsonObject(value)) return String(value as string | number | bigint | boolean);
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `map[${entries.map(([name, each]) => `${name}:${valueText(each)}`).join(' ')}]`;
}
