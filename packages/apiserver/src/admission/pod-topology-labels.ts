import type { Binding, Node, Pod } from '@fairway/kinds/core/v1';
import type { AdmissionPlugin } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'] as const;

/**
 * A pod gets the zone and region of its node as labels, which its containers can read. A binding hands
 * its labels on to the pod. Source: KEP-4742; Kubernetes admission, PodTopologyLabels.
 */
export function podTopologyLabels(cluster: ClusterReader): AdmissionPlugin<Pod | Binding> {
  return {
    name: 'PodTopologyLabels',
    operations: ['CREATE'],
    resources: ['/pods', '/pods/binding'],
    async admit({ draft }) {
      const name = draft && nodeOf(draft as Pod | Binding);
      if (draft === undefined || !name) return;
      const node = await cluster.find<Node>('', 'nodes', { name });
      const labels = node?.metadata?.labels ?? {};
      for (const key of copied) {
        const value = labels[key];
        if (value === undefined) continue;
        draft.metadata ??= {};
        draft.metadata.labels = { ...draft.metadata.labels, [key]: value };
      }
    },
  };
}

function nodeOf(object: Pod | Binding): string | undefined {
  if (!('target' in object)) return (object as Pod).spec?.nodeName;
  return object.target.kind === 'Node' ? object.target.name : undefined;
}
