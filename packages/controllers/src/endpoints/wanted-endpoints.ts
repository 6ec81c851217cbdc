import type {
  EndpointAddress,
  EndpointSubset,
  Endpoints,
  Pod,
  Service,
} from '@fairway/kinds/core/v1';
import { isPodReady } from '@fairway/kind-rules/pods';
import { type DeepReadonly, type JsonValue, equalsJson } from '@fairway/protocol';
import { isBeingDeleted } from '@fairway/reconcile';
import {
  addressesOf,
  familiesOf,
  hostnameIn,
  isReachable,
  referenceTo,
} from '../service-pods/pod-address.ts';
import { portsOnPod } from '../service-pods/ports-on-pod.ts';
import { headlessLabel, isHeadless } from '../service-pods/service-labels.ts';
import { withTriggerTime } from '../service-pods/trigger-times.ts';
import { repackSubsets } from './repack-subsets.ts';
import { truncateSubsets } from './truncate-subsets.ts';

/** Who maintains an Endpoints object. */
export const managedByLabel = 'endpoints.kubernetes.io/managed-by';
export const managedBy = 'endpoint-controller';
const overCapacityKey = 'endpoints.kubernetes.io/over-capacity';

/**
 * The Endpoints that a service should have for the pods that it selects, on top of those that it has;
 * undefined where they are as they should be.
 */
export function wantedEndpoints(
  service: DeepReadonly<Service>,
  found: {
    readonly pods: readonly DeepReadonly<Pod>[];
    readonly current: DeepReadonly<Endpoints> | undefined;
    readonly triggerTime: string | undefined;
  },
): DeepReadonly<Endpoints> | undefined {
  const { pods, current, triggerTime } = found;
  const all = repackSubsets(pods.flatMap((pod) => subsetOf(service, pod)));
  const truncated = truncateSubsets(all);
  const subsets = truncated ?? all;
  const labels = labelsFor(service);
  const before = current?.metadata;
  const overCapacity = truncated === undefined ? {} : { [overCapacityKey]: 'truncated' };
  const isSame =
    equalsJson((current?.subsets ?? []) as JsonValue, subsets as JsonValue) &&
    equalsJson(before?.labels ?? {}, labels) &&
    before?.annotations?.[overCapacityKey] === overCapacity[overCapacityKey];
  if (current !== undefined && isSame) return undefined;
  const { [overCapacityKey]: _, ...others } = withTriggerTime(before?.annotations, triggerTime);
  const { annotations: __, ...kept } = before ?? {
    name: service.metadata?.name ?? '',
    namespace: service.metadata?.namespace ?? '',
    annotations: {},
  };
  const annotations = { ...others, ...overCapacity };
  const hasAnnotations = Object.keys(annotations).length > 0;
  return {
    metadata: { ...kept, labels, ...(hasAnnotations ? { annotations } : {}) },
    ...(subsets.length === 0 ? {} : { subsets }),
  };
}

function labelsFor(service: DeepReadonly<Service>): Readonly<Record<string, string>> {
  const { [headlessLabel]: _, ...labels } = service.metadata?.labels ?? {};
  return {
    ...labels,
    [managedByLabel]: managedBy,
    ...(isHeadless(service) ? { [headlessLabel]: '' } : {}),
  };
}

/** What one pod gives a service: nothing where it cannot be reached by the service's ports. */
function subsetOf(
  service: DeepReadonly<Service>,
  pod: DeepReadonly<Pod>,
): readonly EndpointSubset[] {
  const publishesAll = service.spec?.publishNotReadyAddresses === true;
  if (!isReachable(pod) || (isBeingDeleted(pod) && !publishesAll)) return [];
  const [family = 'IPv4'] = familiesOf(service);
  const [ip] = addressesOf(pod, family);
  if (ip === undefined) return [];
  const hostname = hostnameIn(service, pod);
  const nodeName = pod.spec?.nodeName;
  const address: EndpointAddress = {
    ip,
    ...(hostname === undefined ? {} : { hostname }),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: referenceTo(pod),
  };
  const ports = portsOnPod(service, pod).map(({ name, ...port }) => ({
    ...(name === '' ? {} : { name }),
    ...port,
  }));
  const needsNoPort = isHeadless(service) && (service.spec?.ports ?? []).length === 0;
  if (ports.length === 0 && !needsNoPort) return [];
  const isListed = publishesAll || isPodReady(pod);
  const field = isListed ? 'addresses' : 'notReadyAddresses';
  return [{ [field]: [address], ...(ports.length === 0 ? {} : { ports }) }];
}
