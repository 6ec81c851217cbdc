import { type ResourceDescriptor, apiError, forbidden } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import { requireNamespace } from './require-namespace.ts';

const undeletable: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/**
 * Nothing is written in a namespace that does not exist, nothing new in one that is going away, and
 * the namespaces that a cluster cannot be without stay.
 *
 * Source: Kubernetes admission, NamespaceLifecycle.
 */
export function namespaceLifecycle(cluster: ClusterReader): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    async admit({ operation, resource, namespace, name }) {
      if (operation === 'DELETE') return requireDeletable(resource, name);
      if (!resource.isNamespaced) return;
      const { metadata } = await requireNamespace(cluster, namespace);
      const isEnding = metadata?.deletionTimestamp !== undefined;
      if (isEnding && operation === 'CREATE') throw terminating({ ...resource, name }, namespace);
    },
  };
}

function requireDeletable(resource: ResourceDescriptor, name: string): void {
  const isNamespace = resource.group === '' && resource.plural === 'namespaces';
  if (!isNamespace || !undeletable.has(name)) return;
  throw forbidden({ ...resource, name }, 'this namespace may not be deleted');
}

function terminating(subject: ResourceDescriptor & { name: string }, namespace: string): Error {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { status } = forbidden(subject, why);
  return apiError('Forbidden', status.message ?? why, {
    ...status.details,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  });
}
