import type { Pod, Service } from '@fairway/kinds/core/v1';
import { isPodReady } from '@fairway/kind-rules/pods';
import { type DeepReadonly, type KubernetesObject, equalsJson } from '@fairway/protocol';
import { type Change, type Informer, inNamespace, keyOf } from '@fairway/reconcile';

/** A service whose addresses are those of the pods that it selects. */
export function selectsPods({ spec }: DeepReadonly<Service>): boolean {
  return spec?.selector !== undefined && spec.type !== 'ExternalName';
}

/** The pods that a service selects, in the order of their names. */
export function selectedPods(
  pods: Informer<Pod>,
  service: DeepReadonly<Service>,
): readonly DeepReadonly<Pod>[] {
  return inNamespace(pods, service.metadata?.namespace)
    .filter((pod) => selects(service, pod))
    .toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

/** The keys of the services whose addresses a change of a pod concerns. */
export function servicesConcerned(
  services: Informer<Service>,
): (change: Change<KubernetesObject>) => readonly string[] {
  return ({ object, old }) => {
    const states = [object, ...(old === undefined ? [] : [old])];
    if (old !== undefined && isSameAddress(old, object)) return [];
    return inNamespace(services, object.metadata?.namespace)
      .filter((service) => states.some((pod) => selects(service, pod)))
      .map(keyOf);
  };
}

function selects(service: DeepReadonly<Service>, { metadata }: KubernetesObject): boolean {
  if (!selectsPods(service)) return false;
  const labels = metadata?.labels ?? {};
  return Object.entries(service.spec?.selector ?? {}).every(
    ([key, value]) => labels[key] === value,
  );
}

/** Most of what changes about a pod does not change how it is reached. */
function isSameAddress(one: DeepReadonly<Pod>, other: DeepReadonly<Pod>): boolean {
  return equalsJson(addressFacts(one), addressFacts(other));
}

function addressFacts(pod: DeepReadonly<Pod>): (string | readonly string[])[] {
  const { metadata, spec, status } = pod;
  return [
    JSON.stringify(metadata?.labels ?? {}),
    metadata?.deletionTimestamp ?? '',
    spec?.nodeName ?? '',
    status?.phase ?? '',
    status?.podIP ?? '',
    (status?.podIPs ?? []).flatMap(({ ip }) => ip ?? []),
    isPodReady(pod) ? 'ready' : '',
  ];
}

function nameOf({ metadata }: KubernetesObject): string {
  return metadata?.name ?? '';
}
