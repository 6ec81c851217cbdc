import { Endpoints, Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly } from '@fairway/protocol';
import {
  type Controller,
  type ReconcileRequest,
  controllerReference,
  keyOf,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import {
  type SliceChanges,
  changesOf,
  ownSlices,
  writeSlices,
} from '../endpoint-slices/slice-changes.ts';
import { portsKey, spreadEndpoints } from '../endpoint-slices/slice-group.ts';
import { sliceConcerns, sliceLabels, slicesOf } from '../endpoint-slices/slice-labels.ts';
import { headlessLabel } from '../service-pods/service-labels.ts';
import { triggerTimeKey } from '../service-pods/trigger-times.ts';
import { type IpFamily, ipFamilies } from '../service-pods/pod-address.ts';
import { type Mirrored, mirroredGroups, subsetAddressesMax } from './mirrored-groups.ts';

const maintainer = 'endpointslicemirroring-controller.k8s.io';

/** Mirrors Endpoints that others made for a service without a selector in slices. */
export function mirrorEndpoints(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const services = sharedInformer(informers, Service);
  const slices = sharedInformer(informers, EndpointSlice);
  const existingOf = slicesOf(slices, maintainer);
  return sharedController(parts, Endpoints, {
    concurrency: 5,
    watches: [
      watchShared(Service, ({ object }) => [keyOf(object)]),
      watchShared(EndpointSlice, sliceConcerns(maintainer)),
    ],
    async reconcile(request) {
      const { key, object, signal } = request;
      const existing = existingOf(key);
      if (object === undefined || !isMirrored(object, services.get(key))) {
        const deletes = existing.filter(
          ({ metadata }) => metadata?.deletionTimestamp === undefined,
        );
        await writeSlices(client, slices, { creates: [], updates: [], deletes }, signal);
        return;
      }
      const mirrored = mirroredGroups(object.subsets ?? []);
      report(request, mirrored);
      const own = ownSlices(existing, object);
      for (const family of ipFamilies) {
        const changes = changesOfFamily(object, mirrored, { family, own });
        await writeSlices(client, slices, changes, signal);
      }
    },
  });
}

/** Somebody else's, and not an election that an old program holds in Endpoints. */
function isMirrored(
  { metadata }: DeepReadonly<Endpoints>,
  service: DeepReadonly<Service> | undefined,
): boolean {
  const { labels = {}, annotations = {} } = metadata ?? {};
  if (labels['endpointslice.kubernetes.io/skip-mirror'] === 'true') return false;
  if ('control-plane.alpha.kubernetes.io/leader' in annotations) return false;
  return service !== undefined && service.spec?.selector === undefined;
}

function changesOfFamily(
  endpoints: DeepReadonly<Endpoints>,
  { groups }: Mirrored,
  {
    family,
    own,
  }: {
    readonly family: IpFamily;
    readonly own: readonly DeepReadonly<EndpointSlice>[];
  },
): SliceChanges {
  const existing = own.filter(({ addressType }) => addressType === family);
  const drafts = groups
    .filter((group) => group.family === family)
    .flatMap((group) =>
      // As many as a subset has: each subset is one slice.
      spreadEndpoints(
        group,
        existing.filter(({ ports }) => portsKey(ports) === portsKey(group.ports)).slice(0, 1),
        subsetAddressesMax,
      ),
    );
  const {
    [triggerTimeKey]: _,
    'kubectl.kubernetes.io/last-applied-configuration': __,
    ...annotations
  } = endpoints.metadata?.annotations ?? {};
  return changesOf(drafts, existing, {
    addressType: family,
    name: endpoints.metadata?.name ?? '',
    namespace: endpoints.metadata?.namespace ?? '',
    owner: controllerReference(Endpoints, endpoints),
    labels: sliceLabels(endpoints, {
      maintainer,
      isHeadless: headlessLabel in (endpoints.metadata?.labels ?? {}),
    }),
    annotations,
  });
}

function report(
  { record }: ReconcileRequest<Endpoints>,
  { invalidCount, skippedCount }: Mirrored,
): void {
  if (invalidCount > 0) {
    const message = `Skipped ${invalidCount} invalid IP addresses when mirroring to EndpointSlices`;
    record({ type: 'Warning', reason: 'InvalidIPAddress', message });
  }
  if (skippedCount > 0) {
    const message = `A max of ${subsetAddressesMax} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skippedCount} addresses were skipped`;
    record({ type: 'Warning', reason: 'TooManyAddressesToMirror', message });
  }
}
