import type { KubernetesObject, ListMeta } from '@fairway/protocol';
import type { ServedResource } from '../registry/served-resource.ts';
import { partialMetadata } from './partial-metadata.ts';
import type { Representation } from './representation.ts';

/** What a Table shows, and when. */
export interface TableSource {
  readonly objects: readonly KubernetesObject[];
  readonly metadata: ListMeta;
  readonly nowMs: number;
  /** Later events of a watch leave the columns out. */
  readonly hasColumns: boolean;
}

/** Objects as rows of cells, for people. Source: meta/v1 Table. */
export function tableOf(
  resource: ServedResource,
  source: TableSource,
  representation: Representation,
): object {
  const { columns, cells } = resource.columns;
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${representation.metaVersion}`,
    metadata: source.metadata,
    columnDefinitions: source.hasColumns ? columns : null,
    rows: source.objects.map((object) => ({
      cells: cells(object, source.nowMs),
      ...rowObject(object, representation),
    })),
  };
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
