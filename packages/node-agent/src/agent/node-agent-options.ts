import type { Environment, Files, Logger, MachineFiles } from '@fairway/host';
import type { Taint } from '@fairway/kinds/core/v1';
import type { ComponentApi } from '@fairway/reconcile';
import type { ServerTls } from '@fairway/serving';
import type { EvictionThreshold } from '../eviction/thresholds.ts';
import type { ContainerMount } from '../runtime/container.ts';
import type { ImageStore } from '../runtime/image-store.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import type { PodWorkerParts } from '../pod-worker/pod-worker-parts.ts';
import type { PodManifests } from '../static-pods/follow-manifests.ts';

/** What runs the containers of a node, once it is known which addresses its pods get. Disposed of, it runs on. */
export interface NodeRuntime extends AsyncDisposable {
  readonly runtime: PodRuntime;
  readonly images: ImageStore;
  /** What the runtime makes sandboxes of, which is to stay; that of a private containerd when absent. */
  readonly sandboxImage?: string;
  /** What containers of an image see of the machine beside what their pods say. */
  readonly mountsOf?: (image: string) => readonly ContainerMount[];
  /** Ends the runtime itself, and what of its pods it has lost; absent where it is not the agent's own. */
  end?(): Promise<void>;
}

export interface NodeAgentOptions extends ComponentApi {
  readonly logger: Logger;
  readonly files: Files;
  readonly machineFiles: MachineFiles;
  readonly environment: Environment;
  readonly name: string;
  /** Where the API server reaches this machine. */
  readonly address: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** For what pods have on this machine. */
  readonly rootDirectory: string;
  readonly logDirectory: string;
  /** The cgroup of all pods of this agent and of no other: `/fairway-1f2e`. */
  readonly cgroupRoot?: string;
  /** Ends with the agent what runs on it, as a machine that is shut down would. */
  readonly endsPods: boolean;
  /** Whose pods the node runs without being told by the API. */
  readonly manifests?: PodManifests;
  /** Below which pods are evicted; those of a kubelet when absent. */
  readonly evictionThresholds?: readonly EvictionThreshold[];
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  /** What can be done when an image cannot be had: `load it with …`. */
  readonly imageRemedy?: string;
  /** Resolves when network policies hold for a pod of these addresses; none of its containers is made before. */
  readonly untilIsolated?: PodWorkerParts['untilIsolated'];
  readonly openRuntime: (podCidrs: readonly string[]) => Promise<NodeRuntime>;
  readonly serving: AgentServing;
}

/** By which the API server knows an agent, and by which the agent's clients are known. */
export interface AgentServing {
  readonly port: number;
  /** What is used from now on. */
  readonly tls: () => ServerTls;
  /** Has others used once there are such, until the signal aborts; absent where these stay. */
  readonly keep?: (use: (tls: ServerTls) => void, signal: AbortSignal) => Promise<void>;
}

/** Pods that a node runs at the same time. Source: KubeletConfiguration, `maxPods`. */
export const podsMax = 110;
