import type { CronJob, Job, JobSpec } from '@fairway/kinds/batch/v1';
import type { PersistentVolumeClaim, Pod, PodTemplateSpec } from '@fairway/kinds/core/v1';
import type { KubernetesObject } from '@fairway/protocol';

import { podWarnings } from './pods.ts';
import { claimWarnings } from './volumes.ts';

/** Machines write pods all the time, and nobody reads what they are told. */
export function* newPodWarnings(pod: Pod, stored?: Pod): Iterable<string> {
  if (stored !== undefined) return;
  yield* nameWarnings(pod, "the Pod's hostname");
  yield* podWarnings(pod, '');
}

interface Workload extends KubernetesObject {
  readonly spec?: {
    readonly template?: PodTemplateSpec;
    readonly volumeClaimTemplates?: readonly PersistentVolumeClaim[];
  };
}

/** A workload whose name goes into those of its pods. */
export function* workloadWarnings(workload: Workload, stored?: Workload): Iterable<string> {
  if (stored === undefined) yield* nameWarnings(workload, podNames);
  yield* templateWarnings(workload, stored);
}

export function* templateWarnings(workload: Workload, stored?: Workload): Iterable<string> {
  if (!isChanged(workload, stored)) return;
  const { template, volumeClaimTemplates = [] } = workload.spec ?? {};
  yield* podWarnings(template, 'spec.template.');
  for (const [index, claim] of volumeClaimTemplates.entries()) {
    yield* claimWarnings(claim.spec, `spec.volumeClaimTemplates[${index}]`);
  }
}

export function* podTemplateWarnings(
  object: KubernetesObject & { readonly template?: PodTemplateSpec },
  stored?: KubernetesObject,
): Iterable<string> {
  if (isChanged(object, stored)) yield* podWarnings(object.template, 'template.');
}

export function* jobWarnings(job: Job, stored?: Job): Iterable<string> {
  if (stored === undefined) yield* nameWarnings(job, podNames);
  if (isChanged(job, stored)) yield* jobSpecWarnings(job.spec, 'spec');
}

export function* cronJobWarnings(cronJob: CronJob, stored?: CronJob): Iterable<string> {
  if (stored === undefined) yield* nameWarnings(cronJob, podNames);
  if (!isChanged(cronJob, stored)) return;
  yield* jobSpecWarnings(cronJob.spec?.jobTemplate?.spec, 'spec.jobTemplate.spec');
}

const manyCompletions = 100_000;
const highParallelism = 10_000;

function* jobSpecWarnings(spec: JobSpec | undefined, path: string): Iterable<string> {
  const { completions = 0, parallelism = 0, completionMode, template } = spec ?? {};
  const isLarge = completions > manyCompletions && parallelism > highParallelism;
  if (completionMode === 'Indexed' && isLarge) {
    yield `${path}: In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail`;
  }
  yield* podWarnings(template, `${path}.template.`);
}

/** Whoever only labels an object did not write its template. */
function isChanged(object: KubernetesObject, stored: KubernetesObject | undefined): boolean {
  return object.metadata?.generation !== stored?.metadata?.generation;
}

const podNames = 'Pod names and hostnames';
const labelCharactersMax = 63;

function* nameWarnings({ metadata }: KubernetesObject, where: string): Iterable<string> {
  const { name = '' } = metadata ?? {};
  const problems = [
    ...(name.length > labelCharactersMax ? ['must be no more than 63 characters'] : []),
    ...(name.includes('.') ? ['must not contain dots'] : []),
  ];
  if (problems.length === 0) return;
  yield `metadata.name: this is used in ${where}, which can result in surprising behavior; a DNS label is recommended: [${problems.join(' ')}]`;
}
