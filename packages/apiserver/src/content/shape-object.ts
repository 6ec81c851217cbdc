import type { KubernetesObject } from '@fairway/protocol';
import type { Call, ShowParts } from '../calls/call.ts';
import { partialMetadata } from './partial-metadata.ts';
import type { Representation } from './representation.ts';
import { tableEnvelope, tableRow } from './table.ts';

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
      const envelope = tableEnvelope(call.resource, { resourceVersion }, representation);
      const source = { object, nowMs: call.parts.clock.now() };
      const rows = [tableRow(call.resource, source, representation)];
      return { ...envelope, ...(hasColumns ? {} : { columnDefinitions: null }), rows };
    }
  }
}
