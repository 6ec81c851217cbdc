import type { Pod } from '@fairway/kinds/core/v1';
import type { CompleteDraft } from '@fairway/protocol';

/** The bulk of what kubectl leaves on an object, of no use here. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** What is kept of a pod: what nodes and stages look at, without its volumes, programs and owners of fields. */
export function keepPod(pod: CompleteDraft<Pod>): Pod {
  const { metadata, spec, status } = pod as Pod;
  const { managedFields: _, annotations, ...kept } = metadata ?? {};
  const { [lastApplied]: __, ...said } = annotations ?? {};
  return {
    metadata: { ...kept, ...(annotations === undefined ? {} : { annotations: said }) },
    ...(spec === undefined ? {} : { spec: keepSpec(spec) }),
    ...(status === undefined ? {} : { status }),
  };
}

type PodSpec = NonNullable<Pod['spec']>;

function keepSpec(spec: PodSpec): PodSpec {
  const { initContainers, ephemeralContainers } = spec;
  return {
    ...pick(spec, [
      'activeDeadlineSeconds',
      'hostNetwork',
      'hostname',
      'nodeName',
      'nodeSelector',
      'priority',
      'priorityClassName',
      'readinessGates',
      'restartPolicy',
      'runtimeClassName',
      'schedulerName',
      'serviceAccountName',
      'subdomain',
      'terminationGracePeriodSeconds',
    ]),
    containers: spec.containers.map(keepContainer),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(keepContainer) }),
    ...(ephemeralContainers === undefined
      ? {}
      : { ephemeralContainers: ephemeralContainers.map(keepContainer) }),
  };
}

function keepContainer<C extends PodSpec['containers'][number]>(container: C): C {
  return pick(container, [
    'name',
    'image',
    'command',
    'args',
    'env',
    'ports',
    'readinessProbe',
    'resources',
    'restartPolicy',
  ]) as C;
}

function pick<T extends object, K extends keyof T>(object: T, fields: readonly K[]): Pick<T, K> {
  const kept: Partial<Pick<T, K>> = {};
  for (const field of fields) if (object[field] !== undefined) kept[field] = object[field];
  return kept as Pick<T, K>;
}
