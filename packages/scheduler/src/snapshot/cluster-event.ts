import type { NodeFacts } from './node-facts.ts';
import type { NodeState } from './node-state.ts';
import type { PodFacts } from './pod-facts.ts';

/** A change of the cluster after which a pod may be schedulable that was not. */
export type ClusterEvent =
  | { readonly kind: 'node added'; readonly node: NodeState }
  | { readonly kind: 'node updated'; readonly node: NodeState; readonly before: NodeFacts }
  | { readonly kind: 'node deleted'; readonly node: NodeState }
  /** A pod has come to a node. */
  | { readonly kind: 'pod placed'; readonly pod: PodFacts }
  | { readonly kind: 'pod updated'; readonly pod: PodFacts; readonly before: PodFacts }
  /** A pod is not on its node any more. `node`: undefined where that is not known. */
  | { readonly kind: 'pod gone'; readonly pod: PodFacts; readonly node: NodeState | undefined }
  | { readonly kind: 'namespace changed' }
  | { readonly kind: 'storage changed'; readonly of: StorageKind };

export type StorageKind =
  | 'claim'
  | 'volume'
  | 'storage class'
  | 'CSI node'
  | 'CSI driver'
  | 'storage capacity';
