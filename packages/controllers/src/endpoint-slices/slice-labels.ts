import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import type { Change, Informer } from '@fairway/reconcile';
import { formatKey } from '@fairway/reconcile';
import { headlessLabel } from '../service-pods/service-labels.ts';

export const serviceNameLabel = 'kubernetes.io/service-name';
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by';

/** Who maintains slices. */
export type SliceMaintainer =
  | 'endpointslice-controller.k8s.io'
  | 'endpointslicemirroring-controller.k8s.io';

/** Labels that slices have for themselves; the others are those of what they are made for. */
const reserved: readonly string[] = [serviceNameLabel, managedByLabel, headlessLabel];

/** Labels of the slices of an object that has these. */
export function sliceLabels(
  { metadata }: DeepReadonly<KubernetesObject>,
  {
    maintainer,
    isHeadless,
  }: { readonly maintainer: SliceMaintainer; readonly isHeadless: boolean },
): Readonly<Record<string, string>> {
  const own = Object.entries(metadata?.labels ?? {}).filter(([key]) => !reserved.includes(key));
  return {
    ...Object.fromEntries(own),
    [serviceNameLabel]: metadata?.name ?? '',
    [managedByLabel]: maintainer,
    ...(isHeadless ? { [headlessLabel]: '' } : {}),
  };
}

const serviceIndex = 'service';

/** Finds slices by their service and by who maintains them. */
export function slicesOf(
  slices: Informer<EndpointSlice>,
  maintainer: SliceMaintainer,
): (serviceKey: string) => readonly DeepReadonly<EndpointSlice>[] {
  slices.addIndex(serviceIndex, serviceKeyOf);
  return (serviceKey) =>
    slices.by(serviceIndex, serviceKey).filter((slice) => isMaintainedBy(slice, maintainer));
}

/** The key of the service whose slice has changed, where this maintainer has to know. */
export function sliceConcerns(
  maintainer: SliceMaintainer,
): (change: Change<KubernetesObject>) => readonly string[] {
  return ({ object, old }) => {
    const states = [object, ...(old === undefined ? [] : [old])];
    const own = states.filter((slice) => isMaintainedBy(slice, maintainer));
    return [...new Set(own.flatMap((slice) => serviceKeyOf(slice) ?? []))];
  };
}

function isMaintainedBy({ metadata }: KubernetesObject, maintainer: SliceMaintainer): boolean {
  return metadata?.labels?.[managedByLabel] === maintainer;
}

function serviceKeyOf({ metadata }: DeepReadonly<KubernetesObject>): string | undefined {
  const name = metadata?.labels?.[serviceNameLabel];
  return name === undefined ? undefined : formatKey({ namespace: metadata?.namespace ?? '', name });
}
