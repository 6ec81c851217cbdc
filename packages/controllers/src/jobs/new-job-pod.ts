import { Job } from '@fairway/kinds/batch/v1';
import type { Container, EnvVar, Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { podFromTemplate } from '../pods/pod-from-template.ts';
import { failuresWith } from './job-indexes.ts';
import {
  failureCountKey,
  ignoredFailureCountKey,
  indexKey,
  trackingFinalizer,
} from './job-names.ts';

/** A pod of a job, which stays until it is counted. */
export function newJobPod(job: DeepReadonly<Job>): DeepReadonly<Pod> {
  const pod = podFromTemplate(Job, job, job.spec?.template);
  const others = (pod.metadata?.finalizers ?? []).filter((each) => each !== trackingFinalizer);
  return { ...pod, metadata: { ...pod.metadata, finalizers: [...others, trackingFinalizer] } };
}

/**
 * The pod for an index of a job: it knows its index by a label, an annotation, its host name and a variable,
 * and counts on from the failed pod whose place it takes.
 *
 * Source: kubernetes.io, Jobs, "Completion mode".
 */
export function newIndexedPod(
  job: DeepReadonly<Job>,
  index: number,
  replaced: DeepReadonly<Pod> | undefined,
): DeepReadonly<Pod> {
  const { metadata, spec } = newJobPod(job);
  const name = job.metadata?.name ?? '';
  return {
    metadata: {
      ...metadata,
      generateName: namePrefix(name, index),
      labels: { ...metadata?.labels, [indexKey]: String(index) },
      annotations: {
        ...metadata?.annotations,
        [indexKey]: String(index),
        ...failureCounts(job, replaced),
      },
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: (spec?.containers ?? []).map(withIndexVariable),
      ...(spec?.initContainers === undefined
        ? {}
        : { initContainers: spec.initContainers.map(withIndexVariable) }),
    },
  };
}

/** A generated name is cut to this length before its last five characters. */
const generatedPrefixMax = 58;

/** Keeps the index where the name of the job is too long for both. */
function namePrefix(jobName: string, index: number): string {
  const end = `-${index}-`;
  return `${jobName.slice(0, generatedPrefixMax - end.length)}${end}`;
}

function failureCounts(
  job: DeepReadonly<Job>,
  replaced: DeepReadonly<Pod> | undefined,
): Readonly<Record<string, string>> {
  if (job.spec?.backoffLimitPerIndex === undefined) return {};
  const { counted, ignored } =
    replaced === undefined ? { counted: 0, ignored: 0 } : failuresWith(replaced, job);
  return {
    [failureCountKey]: String(counted),
    ...(ignored === 0 ? {} : { [ignoredFailureCountKey]: String(ignored) }),
  };
}

const indexVariable: EnvVar = {
  name: 'JOB_COMPLETION_INDEX',
  valueFrom: { fieldRef: { fieldPath: `metadata.labels['${indexKey}']` } },
};

/** A variable of that name which the template sets stays. */
function withIndexVariable(container: DeepReadonly<Container>): DeepReadonly<Container> {
  const env = container.env ?? [];
  if (env.some(({ name }) => name === indexVariable.name)) return container;
  return { ...container, env: [...env, indexVariable] };
}
