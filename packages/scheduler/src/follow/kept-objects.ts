import type { ReplicaSet, StatefulSet } from '@fairway/kinds/apps/v1';
import type {
  Container,
  ContainerStatus,
  Namespace,
  Node,
  Pod,
  PodSpec,
  ReplicationController,
  Service,
} from '@fairway/kinds/core/v1';
import type { ObjectMeta } from '@fairway/protocol';

/**
 * What is kept of objects: only what scheduling asks of them, so that the caches of a large cluster are
 * small, and equal parts of many pods are one.
 */
export function keptPod({ metadata, spec, status }: Pod): Pod {
  const { ownerReferences, creationTimestamp, deletionTimestamp, generation } = metadata ?? {};
  return {
    metadata: {
      ...keptName(metadata),
      ...given({
        labels: metadata?.labels,
        ownerReferences,
        creationTimestamp,
        deletionTimestamp,
        generation,
      }),
    },
    ...(spec === undefined ? {} : { spec: keptPodSpec(spec) }),
    status: {
      ...given({
        phase: status?.phase,
        nominatedNodeName: status?.nominatedNodeName,
        startTime: status?.startTime,
        conditions: status?.conditions?.filter(({ type }) => keptConditions.has(type)),
        containerStatuses: keptStatuses(status?.containerStatuses),
        initContainerStatuses: keptStatuses(status?.initContainerStatuses),
      }),
    },
  };
}

const keptConditions = new Set(['PodScheduled', 'DisruptionTarget', 'PodResizePending']);

function keptPodSpec(spec: PodSpec): PodSpec {
  const volumes = spec.volumes?.filter(
    ({ persistentVolumeClaim, ephemeral }) => persistentVolumeClaim ?? ephemeral,
  );
  return {
    containers: spec.containers.map(keptContainer),
    ...given({
      nodeName: spec.nodeName,
      schedulerName: spec.schedulerName,
      priority: spec.priority,
      preemptionPolicy: spec.preemptionPolicy,
      nodeSelector: spec.nodeSelector,
      affinity: spec.affinity,
      tolerations: spec.tolerations,
      topologySpreadConstraints: spec.topologySpreadConstraints,
      overhead: spec.overhead,
      resources: spec.resources,
      resourceClaims: spec.resourceClaims,
      schedulingGates: spec.schedulingGates,
      initContainers: spec.initContainers?.map(keptContainer),
      volumes: volumes?.map(({ name, persistentVolumeClaim, ephemeral }) => ({
        name,
        ...given({ persistentVolumeClaim }),
        ...(ephemeral === undefined ? {} : { ephemeral: {} }),
      })),
    }),
  };
}

function keptContainer({ name, image, resources, ports, restartPolicy }: Container): Container {
  const taken = ports?.filter(({ hostPort = 0 }) => hostPort > 0);
  return {
    name,
    ...given({ image, resources, restartPolicy, ports: taken?.length === 0 ? undefined : taken }),
  };
}

/** Those that say what their containers have been given. */
function keptStatuses(
  statuses: readonly ContainerStatus[] | undefined,
): readonly ContainerStatus[] | undefined {
  const kept = statuses?.flatMap(({ name, resources, allocatedResources }) =>
    resources === undefined && allocatedResources === undefined
      ? []
      : [{ ...nothingSaid, name, ...given({ resources, allocatedResources }) }],
  );
  return kept?.length === 0 ? undefined : kept;
}

const nothingSaid = { image: '', imageID: '', ready: false, restartCount: 0 };

export function keptNode({ metadata, spec, status }: Node): Node {
  return {
    metadata: { ...keptName(metadata), ...given({ labels: metadata?.labels }) },
    spec: given({ taints: spec?.taints, unschedulable: spec?.unschedulable }),
    status: given({ allocatable: status?.allocatable, images: status?.images }),
  };
}

export function keptNamespace({ metadata }: Namespace): Namespace {
  return { metadata: { ...keptName(metadata), ...given({ labels: metadata?.labels }) } };
}

/** What has pods, or leads to some. */
export type Selecting = Service | ReplicationController | ReplicaSet | StatefulSet;

/** How it selects them. */
export function keptSelector<T extends Selecting>({ metadata, spec }: T): T {
  return { metadata: keptName(metadata), spec: given({ selector: spec?.selector }) } as T;
}

function keptName({ name, namespace, uid, resourceVersion }: ObjectMeta = {}): ObjectMeta {
  return given({ name, namespace, uid, resourceVersion });
}

/** Without the fields that are undefined. */
function given<T extends object>(fields: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value;
  return kept as { [Key in keyof T]?: Exclude<T[Key], undefined> };
}
