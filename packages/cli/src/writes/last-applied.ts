import type { DynamicObject } from '@fairway/client';
import { stringifyJson } from '@fairway/protocol';
import { sortKeys } from '../output/json-text.ts';

/** Where an object keeps what it was when it was last applied. Source: kubectl. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The object with a note of what it is, by which a later apply sees what was taken out. */
export function withLastApplied(object: DynamicObject): DynamicObject {
  const annotations = { ...object.metadata?.annotations };
  delete annotations[lastAppliedAnnotation];
  const bare = { ...object, metadata: { ...object.metadata, annotations } };
  const note = `${stringifyJson(sortKeys(bare) as object)}\n`;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...annotations, [lastAppliedAnnotation]: note },
    },
  };
}
