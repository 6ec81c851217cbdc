import type { KubernetesObject } from '@fairway/protocol';
import type { Call, ShowParts } from '../verbs/call.ts';
import { partialMetadata } from './partial-metadata.ts';
import type { Representation } from './representation.ts';
import { tableOf } from './table.ts';

/**
 * What of an object the caller wants to see: all of it, its metadata, or a row of a table.
 * `hasColumns`: the table tells its columns; later rows of a watch leave them out.
 */
export function shapeObject(
  call: Call<ShowParts>,
  representation: Representation,
  { object, hasColumns }: { readonly object: KubernetesObject; readonly hasColumns: boolean },
): object {
  switch (representation.form) {
    case 'object':
      return object;
    case 'metadata':
      return partialMetadata(object, representation.metaVersion);
    case 'table': {
      const { resourceVersion = '' } = object.metadata ?? {};
      const source = {
        objects: [object],
        metadata: { resourceVersion },
        nowMs: call.parts.clock.now(),
        hasColumns,
      };
      return tableOf(call.resource, source, representation);
    }
  }
}
