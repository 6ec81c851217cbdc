import type { Namespace } from '@fairway/kinds/core/v1';
import { type Handler, forbidden, stringifyJson } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';
import { requireNamespace } from './require-namespace.ts';

type Finder = Pick<ClusterReader, 'find'>;

/**
 * Makes a namespace when something is to be made in it. Source: Kubernetes admission, NamespaceAutoProvision.
 *
 * Shape: `asServer` answers requests as the server itself.
 */
export function namespaceAutoProvision(cluster: Finder, asServer: () => Handler): AdmissionPlugin {
  return {
    name: 'NamespaceAutoProvision',
    operations: ['CREATE'],
    async admit({ resource, namespace, name, options }) {
      if (!resource.isNamespaced) return;
      const found = await cluster.find<Namespace>('', 'namespaces', { name: namespace });
      if (found !== undefined) return;
      // What is only tried out leaves nothing behind; that its namespace is missing is told then.
      if (options.dryRun !== undefined) return;
      const response = await asServer()({
        method: 'POST',
        path: '/api/v1/namespaces',
        query: '',
        headers: { 'content-type': 'application/json', 'user-agent': 'kube-apiserver' },
        body: Buffer.from(stringifyJson({ metadata: { name: namespace } }) ?? ''),
        signal: new AbortController().signal,
      });
      // Somebody else may have made it meanwhile.
      if (response.status >= 300 && response.status !== 409) {
        const why = `namespace "${namespace}" cannot be created: ${response.status}`;
        throw forbidden({ ...resource, name }, why);
      }
    },
  };
}

/** Refuses what is in a namespace that does not exist, deletions too. Source: Kubernetes admission, NamespaceExists. */
export function namespaceExists(cluster: Finder): AdmissionPlugin {
  return {
    name: 'NamespaceExists',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    async validate({ resource, namespace }) {
      if (resource.isNamespaced) await requireNamespace(cluster, namespace);
    },
  };
}
