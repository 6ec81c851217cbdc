import { balancedAllocation, leastAllocated } from '../plugins/allocation-scores.ts';
import { dynamicResources } from '../plugins/dynamic-resources.ts';
import { imageLocality } from '../plugins/image-locality.ts';
import { interPodAffinity } from '../plugins/inter-pod-affinity.ts';
import { nodeAffinity } from '../plugins/node-affinity.ts';
import { nodePorts } from '../plugins/node-ports.ts';
import { nodeResourcesFit } from '../plugins/node-resources.ts';
import { nodeUnschedulable } from '../plugins/node-unschedulable.ts';
import { nodeVolumeLimits } from '../plugins/node-volume-limits.ts';
import type { Plugin, PluginName } from '../plugins/plugin.ts';
import { builtInSpread, podTopologySpread } from '../plugins/pod-topology-spread.ts';
import { taintToleration } from '../plugins/taint-toleration.ts';
import { volumeBinding } from '../plugins/volume-binding.ts';
import { volumeRestrictions } from '../plugins/volume-restrictions.ts';
import { volumeZone } from '../plugins/volume-zone.ts';
import type { Profile } from './profile.ts';

const cpuAndMemory = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];

/**
 * What kube-scheduler does without a configuration: its plugins in their order, and what their scores
 * count.
 *
 * Source: Kubernetes 1.36, scheduler configuration, default plugins.
 */
const plugins: readonly (readonly [Plugin, number])[] = [
  [nodeUnschedulable, 0],
  [taintToleration, 3],
  [nodeAffinity, 2],
  [nodePorts, 0],
  [nodeResourcesFit({ score: leastAllocated(cpuAndMemory) }), 1],
  [volumeRestrictions, 0],
  [nodeVolumeLimits, 0],
  [volumeBinding, 0],
  [volumeZone, 0],
  [podTopologySpread(builtInSpread), 2],
  [interPodAffinity({ hardPodAffinityWeight: 1 }), 2],
  [dynamicResources, 0],
  [balancedAllocation(cpuAndMemory), 1],
  [imageLocality, 1],
];

export const defaultProfile: Profile = {
  schedulerName: 'default-scheduler',
  plugins: plugins.map(([plugin]) => plugin),
  weights: new Map<PluginName, number>(plugins.map(([{ name }, weight]) => [name, weight])),
  percentageOfNodesToScore: 0,
};
