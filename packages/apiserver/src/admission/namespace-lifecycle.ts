import { forbidden, notFound, apiError } from '@fairway/protocol';
import type { Namespace } from '@fairway/kinds/core/v1';
import type { AdmissionStep } from './admission-step.ts';
import type { ClusterReader } from './cluster-reader.ts';

const undeletable: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/**
 * Nothing is created in a namespace that does not exist or is going away, and the namespaces that
 * a cluster cannot be without stay. Source: Kubernetes admission, NamespaceLifecycle.
 */
export function namespaceLifecycle(cluster: ClusterReader): AdmissionStep {
  return async ({ operation, resource, namespace, name, draft }) => {
    const subject = { ...resource, name };
    if (operation === 'DELETE') {
      const isNamespace = resource.group === '' && resource.plural === 'namespaces';
      if (isNamespace && undeletable.has(name)) {
        throw forbidden(subject, 'this namespace may not be deleted');
      }
      return;
    }
    if (operation !== 'CREATE' || !resource.isNamespaced || draft === undefined) return;
    const found = await cluster.find<Namespace>('', 'namespaces', { name: namespace });
    if (found === undefined) {
      throw notFound({ group: '', plural: 'namespaces', name: namespace });
    }
    if (found.metadata?.deletionTimestamp === undefined) return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const { status } = forbidden(subject, why);
    throw apiError('Forbidden', status.message ?? why, {
      ...status.details,
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    });
  };
}
