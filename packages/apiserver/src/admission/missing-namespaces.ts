import type { Namespace } from '@fairway/kinds/core/v1';
import { type Handler, forbidden, notFound, stringifyJson } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';

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
      // What is only tried out leaves nothing behind; that its namespace is missing is told then.
      if (await has(cluster, namespace)) return;
      const { dryRun = [] } = options as { readonly dryRun?: readonly string[] };
      if (dryRun.length > 0) return;
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
      if (!resource.isNamespaced || (await has(cluster, namespace))) return;
      throw notFound({ group: '', plural: 'namespaces', name: namespace });
    },
  };
}

async function has(cluster: Finder, name: string): Promise<boolean> {
  return (await cluster.find<Namespace>('', 'namespaces', { name })) !== undefined;
}
