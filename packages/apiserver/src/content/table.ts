import type { KubernetesObject, ListMeta } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';
import type { ListEnvelope } from './list-writer.ts';
import { partialMetadata } from './partial-metadata.ts';
import type { Representation } from './representation.ts';

/** Objects as rows of cells, for people: a Table without its rows. Source: meta/v1 Table. */
export function tableEnvelope(
  resource: ServedResource,
  metadata: ListMeta,
  { metaVersion }: Representation,
): ListEnvelope['fields'] {
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata,
    columnDefinitions: resource.columns.columns,
  };
}

/** The row of one object. */
export function tableRow(
  resource: ServedResource,
  source: { readonly object: KubernetesObject; readonly nowMs: number },
  representation: Representation,
): object {
  const { object, nowMs } = source;
  return { cells: resource.columns.cells(object, nowMs), ...rowObject(object, representation) };
}

function rowObject(object: KubernetesObject, representation: Representation): object {
  switch (representation.includeObject) {
    case 'None':
      return { object: null };
    case 'Object':
      return { object };
    case 'Metadata':
      return { object: partialMetadata(object, representation.metaVersion) };
  }
}
