import type { Clock, Logger, Random } from '@fairway/host';
import type { Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { MachineUsage } from '../node/machine-usage.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import type { KubeletAccess } from './kubelet-access.ts';

/** What a kubelet's API tells of, and whom. */
export interface KubeletParts extends KubeletAccess {
  readonly nodeName: string;
  /** The pods of this node, with their statuses. */
  readonly pods: NodePods;
  readonly runtime: PodRuntime;
  /** What this machine uses, of all that runs on it. */
  readonly nodeUsage: () => Promise<MachineUsage>;
  /** A KubeletConfiguration, as far as it is heeded. */
  readonly configuration: () => object;
  /** What keeps this agent from looking after its pods; undefined: nothing. */
  readonly problem: () => string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export type NodePod = DeepReadonly<Pod>;

export interface NodePods {
  find(namespace: string, name: string): NodePod | undefined;
  all(): Iterable<NodePod>;
}
