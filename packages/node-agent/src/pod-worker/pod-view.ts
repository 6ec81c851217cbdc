import type { ContainerStateTerminated } from '@fairway/kinds/core/v1';
import { formatTime } from '@fairway/protocol';
import {
  type AnyPod,
  type PodContainer,
  podContainers,
  restartRule,
} from '../pod-lifecycle/pod-containers.ts';
import type { ContainerRecord } from '../runtime/container.ts';
import type { RuntimePod } from '../runtime/pod-runtime.ts';
import type { SandboxRecord } from '../runtime/sandbox.ts';
import type { PodAction } from './pod-action.ts';
import { taskOf } from './pod-action.ts';
import type { ContainerMemory, PodMemory } from './pod-memory.ts';

/** A container of a pod with what the runtime and the agent know of it. */
export interface ContainerView extends PodContainer {
  /** Of its last run; of the one before while another is being started. */
  readonly record: ContainerRecord | undefined;
  /** The run before that. */
  readonly previous: ContainerRecord | undefined;
  /** Its last run was in the sandbox that the pod has now, and counts there. */
  readonly isHere: boolean;
  /** Its last run does not count any more: the pod has begun anew in the same sandbox. */
  readonly isReset: boolean;
  readonly memory: ContainerMemory;
  /** What is being done with it. */
  readonly task: PodAction | undefined;
}

/** A pod with what the runtime and the agent know of it. */
export interface PodView {
  readonly pod: AnyPod;
  readonly memory: PodMemory;
  /** In which its containers run; undefined: it needs a new one. */
  readonly sandbox: SandboxRecord | undefined;
  /** The newest first. */
  readonly sandboxes: readonly SandboxRecord[];
  /** All that the runtime holds, the newest first. */
  readonly records: readonly ContainerRecord[];
  readonly containers: readonly ContainerView[];
  /** What is being done, by task. */
  readonly busy: ReadonlyMap<string, PodAction>;
}

export function viewPod(
  pod: AnyPod,
  held: RuntimePod | undefined,
  memory: PodMemory,
  busy: ReadonlyMap<string, PodAction>,
): PodView {
  const sandboxes = held?.sandboxes ?? [];
  const records = held?.containers ?? [];
  const sandbox = usableSandbox(pod, sandboxes);
  const resetMs = lastResetMs(pod, records);
  const containers = podContainers(pod).map((each): ContainerView => {
    const task = busy.get(taskOf({ kind: 'start-container', name: each.spec.name, ...anyRun }));
    // A run counts from when all of its start is done: its hook belongs to that.
    const isUpcoming = ({ attempt }: ContainerRecord): boolean =>
      task?.kind === 'start-container' && attempt >= task.attempt;
    const [record, previous] = records.filter(
      (one) => one.name === each.spec.name && !isUpcoming(one),
    );
    const isReset = record !== undefined && record.createdMs < resetMs;
    return {
      ...each,
      record,
      previous,
      isHere: record !== undefined && record.sandboxId === sandbox?.id && !isReset,
      isReset,
      memory: memory.containers[each.spec.name] ?? {},
      task,
    };
  });
  return { pod, memory, sandbox, sandboxes, records, containers, busy };
}

const anyRun = { attempt: 0, sandboxId: '' };

/** When a container has ended last whose rules then restart all of its pod, in milliseconds since 1970. */
function lastResetMs(pod: AnyPod, records: readonly ContainerRecord[]): number {
  const specs = new Map(podContainers(pod).map(({ spec }) => [spec.name, spec]));
  const times = records.map(({ name, state, exitCode, finishedMs }) => {
    const spec = specs.get(name);
    if (spec === undefined || state !== 'exited' || exitCode === undefined) return 0;
    return restartRule(spec, exitCode) === 'RestartAllContainers' ? (finishedMs ?? 0) : 0;
  });
  return Math.max(0, ...times);
}

function usableSandbox(
  { spec }: AnyPod,
  [newest]: readonly SandboxRecord[],
): SandboxRecord | undefined {
  if (newest?.isReady !== true) return undefined;
  return spec?.hostNetwork === true || newest.addresses.length > 0 ? newest : undefined;
}

/** It runs, or may: it has to be stopped before it is over. */
export function isAlive({ record }: ContainerView): boolean {
  return record?.state === 'running' || record?.state === 'unknown';
}

/** How the run of a container has ended, for a status. */
export function terminatedState(record: ContainerRecord, scheme: string): ContainerStateTerminated {
  const { exitCode = unknownExit, reason, message, startedMs, finishedMs, createdMs } = record;
  return {
    containerID: `${scheme}://${record.id}`,
    exitCode,
    reason: reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
    ...(message === undefined || message === '' ? {} : { message }),
    startedAt: formatTime(startedMs ?? 0),
    finishedAt: formatTime(finishedMs ?? startedMs ?? createdMs),
  };
}

/** Of a run whose end nobody saw. */
const unknownExit = 137;
