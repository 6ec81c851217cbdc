import type { Pod } from '@fairway/kinds/core/v1';
import { forbidden } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';

const hostname = 'kubernetes.io/hostname';

/**
 * Keeps pods from excluding others from more than their own node. Source: Kubernetes admission,
 * LimitPodHardAntiAffinityTopology.
 */
export const hardAntiAffinityTopology: AdmissionPlugin<Pod> = {
  name: 'LimitPodHardAntiAffinityTopology',
  operations: ['CREATE', 'UPDATE'],
  resources: ['/pods'],
  async validate({ object, resource, name }) {
    const { podAntiAffinity } = object?.spec?.affinity ?? {};
    const terms = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const wide = terms.find(({ topologyKey }) => topologyKey !== hostname);
    if (wide === undefined) return;
    const why = `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${wide.topologyKey} but only key ${hostname} is allowed`;
    throw forbidden({ ...resource, name }, why);
  },
};
