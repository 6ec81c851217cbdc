import { type HostPort, claimNameOf, hostPorts, podRequests } from '@fairway/kind-rules/pods';
import type { Pod, PodSpec } from '@fairway/kinds/core/v1';
import { type DeepReadonly, parseQuantity, parseTime } from '@fairway/protocol';
import { type AffinityTerms, affinityTerms } from './affinity-terms.ts';
import { type Amounts, amountsOf } from './amounts.ts';
import { type SpreadConstraint, spreadConstraints } from './spread-constraints.ts';

/** What scheduling asks of a pod, read from it once. */
export interface PodFacts {
  readonly pod: DeepReadonly<Pod>;
  /** `shop/web-0`. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: DeepReadonly<Pick<PodSpec, 'nodeSelector' | 'affinity' | 'preemptionPolicy'>>;
  readonly tolerations: NonNullable<DeepReadonly<PodSpec>['tolerations']>;
  readonly schedulerName: string;
  /** The more, the more important. */
  readonly priority: number;
  readonly isTerminating: boolean;
  /** When it began to run, as far as that is known; else when it was made. */
  readonly startedAtMs: number;
  readonly requests: Amounts;
  /** What nodes are compared by: a container that asks for nothing counts as a small one. */
  readonly comparedCpuMilli: number;
  readonly comparedMemoryBytes: number;
  readonly hostPorts: readonly HostPort[];
  /** Images of all its containers, as they are written. */
  readonly images: readonly string[];
  readonly affinityTerms: AffinityTerms | undefined;
  readonly spreadConstraints: readonly SpreadConstraint[];
  /** Its volumes that are claims. */
  readonly claims: readonly PodClaim[];
  readonly hasResourceClaims: boolean;
  readonly isGated: boolean;
  readonly nominatedNode: string | undefined;
}

/** A claim that a pod mounts. */
export interface PodClaim {
  /** `shop/data-web-0`. */
  readonly key: string;
  readonly name: string;
  readonly isEphemeral: boolean;
}

export function podFacts(pod: DeepReadonly<Pod>): PodFacts {
  const { namespace = '', name = '', uid = '', labels = {} } = pod.metadata ?? {};
  const spec: DeepReadonly<PodSpec> = pod.spec ?? { containers: [] };
  const { containers, initContainers = [] } = spec;
  const requests = amountsOf(podRequests(pod));
  const asksForBoth = containers.every(
    ({ resources }) => resources?.requests?.['cpu'] && resources.requests['memory'],
  );
  const compared = asksForBoth ? requests : amountsOf(podRequests(pod, { missing: small }));
  return {
    pod,
    key: `${namespace}/${name}`,
    namespace,
    name,
    uid,
    labels,
    spec,
    tolerations: spec.tolerations ?? [],
    schedulerName: spec.schedulerName ?? 'default-scheduler',
    priority: spec.priority ?? 0,
    isTerminating: pod.metadata?.deletionTimestamp !== undefined,
    startedAtMs: startOf(pod),
    requests,
    comparedCpuMilli: compared.cpuMilli,
    comparedMemoryBytes: compared.memoryBytes,
    hostPorts: hostPorts(spec),
    images: [...initContainers, ...containers].map(({ image = '' }) => image),
    affinityTerms: affinityTerms(spec, namespace),
    spreadConstraints: spreadConstraints(spec.topologySpreadConstraints ?? [], labels),
    claims: claimsOf(spec.volumes ?? [], { namespace, name }),
    hasResourceClaims: (spec.resourceClaims ?? []).length > 0,
    isGated: (spec.schedulingGates ?? []).length > 0,
    nominatedNode: pod.status?.nominatedNodeName || undefined,
  };
}

/** What a container counts with that asks for nothing, where nodes are compared. */
const small = new Map(
  Object.entries({ cpu: '100m', memory: '200Mi' }).flatMap(([name, text]) => {
    const quantity = parseQuantity(text);
    return quantity === undefined ? [] : [[name, quantity] as const];
  }),
);

function startOf(pod: DeepReadonly<Pod>): number {
  const time = pod.status?.startTime ?? pod.metadata?.creationTimestamp;
  return (typeof time === 'string' ? parseTime(time) : undefined) ?? 0;
}

function claimsOf(
  volumes: NonNullable<DeepReadonly<PodSpec>['volumes']>,
  pod: { readonly namespace: string; readonly name: string },
): readonly PodClaim[] {
  return volumes.flatMap((volume) => {
    const isEphemeral = volume.ephemeral !== undefined;
    const name = claimNameOf(pod.name, volume);
    return name === undefined ? [] : [{ key: `${pod.namespace}/${name}`, name, isEphemeral }];
  });
}
