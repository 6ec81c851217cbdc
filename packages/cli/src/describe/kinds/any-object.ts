import { type ResourceDescriptor, isJsonObject } from '@fairway/protocol';
import { valueText } from '../../output/value-text.ts';
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
