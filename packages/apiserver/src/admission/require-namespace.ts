import type { Namespace } from '@fairway/kinds/core/v1';
import { notFound } from '@fairway/protocol';
import type { ClusterReader } from '../reads/cluster-reader.ts';

/** The namespace that decides about what is in it. Errors: NotFound `ApiError` where there is none. */
export async function requireNamespace(
  cluster: Pick<ClusterReader, 'find'>,
  name: string,
): Promise<Namespace> {
  const found = await cluster.find<Namespace>('', 'namespaces', { name });
  if (found === undefined) throw notFound({ group: '', plural: 'namespaces', name });
  return found;
}
