import { type FieldReader, invalidValue, isJsonObject, wrongType } from '@fairway/protocol';
import { type PodNodeSelectors, selectorProblem } from '../pod-node-selector.ts';

const field = 'podNodeSelectorPluginConfig';

/** Source: Kubernetes admission, PodNodeSelector, "Configuration file format". It has no version. */
export function readNodeSelectors(reader: FieldReader, document: unknown): PodNodeSelectors {
  const { [field]: selectors = {} } = reader.object('', document, [field]);
  const read = new Map<string, string>();
  if (!isJsonObject(selectors)) reader.problems.push(wrongType(field, selectors, 'must be a map'));
  else {
    for (const [name, value] of Object.entries(selectors)) {
      const place = `${field}.${name}`;
      // An empty one asks for nothing.
      const text = value === '' ? '' : (reader.text(place, value) ?? '');
      const problem = selectorProblem(text);
      if (problem !== undefined) reader.problems.push(invalidValue(place, text, problem));
      read.set(name, text);
    }
  }
  const { clusterDefaultNodeSelector, ...allowed } = Object.fromEntries(read);
  return {
    allowed,
    ...(clusterDefaultNodeSelector === undefined ? {} : { clusterDefaultNodeSelector }),
  };
}
