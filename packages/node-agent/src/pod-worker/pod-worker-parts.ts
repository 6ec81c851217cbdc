import type { Clock, Logger, Random } from '@fairway/host';
import type { Node } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { EventRecorder } from '@fairway/reconcile';
import type { NodePressure } from '../eviction/node-pressure.ts';
import type { PodCgroups } from '../cgroups/pod-cgroups.ts';
import type { FollowedSources } from '../sources/follow-sources.ts';
import type { ImagePuller } from '../images/image-puller.ts';
import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { ContainerSpec } from '../pod-lifecycle/container-status.ts';
import type { ContainerConfig, ContainerRecord, ContainerResources } from '../runtime/container.ts';
import type { ImageRecord } from '../runtime/image-store.ts';
import type { Prober } from '../probes/prober.ts';
import type { MountedVolume } from '../volumes/mounted-volume.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import type { PodReason } from './pod-memory.ts';
import type { PodLogs } from './pod-logs.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import type { SandboxConfig } from '../runtime/sandbox.ts';
import type { WantedPods } from './wanted-pods.ts';

/** What is needed to make the configuration of a container. */
export interface ContainerOrder {
  readonly pod: AnyPod;
  /** Those that it has by now. */
  readonly podAddresses: readonly string[];
  readonly container: ContainerSpec;
  readonly attempt: number;
  readonly image: ImageRecord;
  readonly volumes: ReadonlyMap<string, MountedVolume>;
  /** Of an ephemeral container: whose processes it sees. */
  readonly targetContainerId: string | undefined;
}

/** From a pod to what its runtime is asked for. */
export interface PodConfigs {
  sandbox(pod: AnyPod, attempt: number): Promise<SandboxConfig>;
  /** Errors: `PodError` where the pod asks for something that is not there. */
  container(order: ContainerOrder): Promise<ContainerConfig>;
  /** What a container may take of the machine, as its spec says now. */
  resources(pod: AnyPod, container: ContainerSpec): ContainerResources;
  /** What the pod asks for that this machine does not have for anybody; undefined: nothing. */
  refusal(pod: AnyPod): PodReason | undefined;
  /** Whether a container was made of a spec that is not its own any more. */
  isOutdated(record: ContainerRecord, container: ContainerSpec): boolean;
  /** What a container that has ended has left to be told; undefined: nothing. */
  terminationMessage(pod: AnyPod, record: ContainerRecord): Promise<string | undefined>;
}

/** What it takes to run the pods of a node. */
export interface PodWorkerParts {
  readonly nodeName: string;
  readonly runtime: PodRuntime;
  readonly images: ImagePuller;
  readonly volumes: Pick<PodVolumes, 'leftovers' | 'setUp' | 'tearDown'>;
  readonly cgroups: Pick<PodCgroups, 'leftovers' | 'make' | 'remove'>;
  readonly logs: PodLogs;
  /** What pods refer to. */
  readonly sources: Pick<FollowedSources, 'onChange' | 'release'>;
  readonly configs: PodConfigs;
  readonly prober: Prober;
  readonly pods: WantedPods;
  /** What the node is short of, and who has to leave for it. */
  readonly pressure: NodePressure;
  /** Awaited before a container is made: its network is as policies want it. Absent: nobody keeps any. */
  readonly untilIsolated?: (pod: AnyPod, addresses: readonly string[]) => Promise<void>;
  /** As the API has it; undefined until it is known. */
  readonly node: () => DeepReadonly<Node> | undefined;
  /** Of this machine, the first one first. */
  readonly hostAddresses: () => readonly string[];
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}
