import type { ClusterEvent } from '../snapshot/cluster-event.ts';
import type { ClusterSnapshot } from '../snapshot/cluster-snapshot.ts';
import type { NodeState } from '../snapshot/node-state.ts';
import type { PodFacts } from '../snapshot/pod-facts.ts';

/** One concern of scheduling: which nodes a pod cannot be on, and which are better than others. */
export interface Plugin {
  /** As kube-scheduler calls it. */
  readonly name: PluginName;
  /**
   * Looks at a pod once before nodes are filtered for it. Undefined: this has no say about the pod; a
   * refusal: no node will do.
   */
  readonly filter?: (
    pod: PodFacts,
    snapshot: ClusterSnapshot,
  ) => NodeFilter | PodRefusal | undefined;
  /** Looks at a pod once before the nodes are compared that are left. Undefined: all are alike. */
  readonly score?: (
    pod: PodFacts,
    snapshot: ClusterSnapshot,
    nodes: readonly NodeState[],
  ) => NodeScore | undefined;
  /**
   * Whether a pod that this has refused may be schedulable after an event. A pod waits for such an
   * event; absent: none changes anything.
   */
  readonly mayHelp?: (event: ClusterEvent, pod: PodFacts, snapshot: ClusterSnapshot) => boolean;
}

/** Filters nodes for one pod. */
export interface NodeFilter {
  /** Undefined: this has nothing against the node. */
  check(node: NodeState): Refusal | undefined;
  /** Only these nodes can pass, by their names. */
  readonly nodeNames?: ReadonlySet<string>;
  /**
   * A pod comes to a node, or leaves it, in thought: what was counted for all nodes changes. What the
   * node itself counts has changed already.
   */
  readonly adjust?: (pod: PodFacts, node: NodeState, times: 1 | -1) => void;
}

/** Compares nodes for one pod. */
export interface NodeScore {
  /** The higher, the better; from 0 to 100 unless `normalize` makes it so. */
  score(node: NodeState): number;
  /** Brings the scores of all nodes into the range from 0 to 100, in place. */
  readonly normalize?: (scores: Float64Array) => void;
}

/** Why a pod cannot be on a node. Made once for all nodes of which the same is true. */
export interface Refusal {
  readonly reasons: readonly string[];
  /** It is the same when less important pods leave the node. */
  readonly isLasting: boolean;
}

/** Why a pod cannot be on any node. */
export interface PodRefusal {
  readonly kind: 'pod refused';
  readonly reason: string;
}

export function lasting(reason: string): Refusal {
  return { reasons: [reason], isLasting: true };
}

/** It may end when less important pods leave the node. */
export function passing(reason: string): Refusal {
  return { reasons: [reason], isLasting: false };
}

export function refusePod(reason: string): PodRefusal {
  return { kind: 'pod refused', reason };
}

/** Source: kube-scheduler, its default plugins. */
export type PluginName =
  | 'DynamicResources'
  | 'ImageLocality'
  | 'InterPodAffinity'
  | 'NodeAffinity'
  | 'NodePorts'
  | 'NodeResourcesBalancedAllocation'
  | 'NodeResourcesFit'
  | 'NodeUnschedulable'
  | 'NodeVolumeLimits'
  | 'PodTopologySpread'
  | 'TaintToleration'
  | 'VolumeBinding'
  | 'VolumeRestrictions'
  | 'VolumeZone';
