import type { NewPodCondition } from '@fairway/kind-rules/pods';
import type { ContainerStatus } from '@fairway/kinds/core/v1';

/**
 * What is remembered of a pod between two looks at it. Whoever forgets it, as an agent does that starts again,
 * restarts nothing: what runs stands in the runtime, what was decided in the pod's status.
 */
export interface PodMemory {
  /** When the agent has taken the pod on, in milliseconds since 1970. */
  readonly acceptedMs?: number;
  /** Why the node does not take it. */
  readonly refusal?: PodReason;
  readonly ending?: PodEnding;
  readonly containers: Readonly<Record<string, ContainerMemory>>;
  /** By task: what went wrong with it last. */
  readonly failures: Readonly<Record<string, TaskFailure>>;
  /** When its volumes were brought up to date, and for which version of the pod. */
  readonly volumes?: { readonly atMs: number; readonly of: string };
  /** How often something has changed that its volumes show: also while they are brought up to date. */
  readonly sourceChanges?: number;
  /** The containers are to get other resources than they have. */
  readonly resize?:
    | { readonly kind: 'begun' }
    | { readonly kind: 'pending'; readonly why: PodReason };
  /** Nothing of it is left on the machine beside its containers. */
  readonly isTornDown?: boolean;
}

export interface PodReason {
  readonly reason: string;
  readonly message: string;
}

/** A pod that is brought to its end. */
export interface PodEnding {
  /** What its status says of it; absent: nothing. */
  readonly why?: PodReason;
  /** What a condition says of it. */
  readonly condition?: NewPodCondition;
  readonly graceSeconds: number;
  /** Until then its containers may take to end, in milliseconds since 1970. */
  readonly deadlineMs: number;
}

export interface ContainerMemory {
  /** Why it could not be started, in the words of its status. */
  readonly waiting?: PodReason;
  readonly ending?: ContainerEnding;
  /** The run that has to end for something that happened to it, and what its event says. */
  readonly doomed?: { readonly containerId: string; readonly message: string };
  /** What a run has of the machine, since the agent has given it something. */
  readonly given?: { readonly containerId: string; readonly resources: GivenResources };
  /** The run for whose pause an event was recorded. */
  readonly pausedAfter?: string;
}

/** What a container has of the machine, in the words of its status. */
export type GivenResources = Pick<ContainerStatus, 'allocatedResources' | 'resources'>;

/** A run of a container that is brought to its end. */
export interface ContainerEnding {
  readonly containerId: string;
  readonly deadlineMs: number;
  readonly preStop: 'due' | 'begun' | 'done';
  /** When it is killed, once it was asked to end. */
  readonly killedAtMs?: number;
}

export interface TaskFailure {
  readonly count: number;
  readonly retryAtMs: number;
}

export const noMemory: PodMemory = { containers: {}, failures: {} };

/** The memory with something changed about one container. */
export function withContainerMemory(
  memory: PodMemory,
  name: string,
  change: (before: ContainerMemory) => ContainerMemory,
): PodMemory {
  const before = memory.containers[name] ?? {};
  const after = change(before);
  if (after === before) return memory;
  return { ...memory, containers: { ...memory.containers, [name]: after } };
}

const firstPauseMs = 1_000;
const pauseMsMax = 15_000;

/** A task has failed: it is done again after a pause that grows. */
export function withFailure(
  memory: PodMemory,
  task: string,
  { nowMs, retryAtMs }: { readonly nowMs: number; readonly retryAtMs?: number | undefined },
): PodMemory {
  const count = (memory.failures[task]?.count ?? 0) + 1;
  const pauseMs = Math.min(firstPauseMs * 2 ** (count - 1), pauseMsMax);
  const failure = { count, retryAtMs: retryAtMs ?? nowMs + pauseMs };
  return { ...memory, failures: { ...memory.failures, [task]: failure } };
}

export function withoutFailure(memory: PodMemory, task: string): PodMemory {
  if (memory.failures[task] === undefined) return memory;
  const { [task]: _, ...failures } = memory.failures;
  return { ...memory, failures };
}
