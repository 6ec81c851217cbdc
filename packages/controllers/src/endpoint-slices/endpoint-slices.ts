import { messageOf } from '@fairway/host';
import { Node, Pod, Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import {
  type Change,
  type Controller,
  type ReconcileRequest,
  type Requeue,
  controllerReference,
  isBeingDeleted,
  keyOf,
  requeueAfter,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { type IpFamily, familiesOf } from '../service-pods/pod-address.ts';
import { selectedPods, selectsPods, servicesConcerned } from '../service-pods/selected-pods.ts';
import { isHeadless } from '../service-pods/service-labels.ts';
import { TriggerTimes } from '../service-pods/trigger-times.ts';
import { WritePace } from '../service-pods/write-pace.ts';
import { cpuShares, wantsProportionalHints } from './proportional-hints.ts';
import { ServicesOnNodes, changesCpuShares } from './services-on-nodes.ts';
import {
  type SliceChanges,
  changesOf,
  isNothing,
  ownSlices,
  writeSlices,
} from './slice-changes.ts';
import { portsKey, spreadEndpoints } from './slice-group.ts';
import { sliceConcerns, sliceLabels, slicesOf } from './slice-labels.ts';
import { TopologyTold } from './topology-told.ts';
import { wantedGroups } from './wanted-groups.ts';

const maintainer = 'endpointslice-controller.k8s.io';
/** Endpoints that one slice holds. Source: kube-controller-manager, `--max-endpoints-per-slice`. */
const endpointsMax = 100;

/** Keeps the slices of endpoints of each service that selects pods. */
export function endpointSlices(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const services = sharedInformer(informers, Service);
  const pods = sharedInformer(informers, Pod);
  const nodes = sharedInformer(informers, Node);
  const slices = sharedInformer(informers, EndpointSlice);
  const existingOf = slicesOf(slices, maintainer);
  const triggerTimes = new TriggerTimes();
  const pace = new WritePace(client.clock);
  const onNodes = new ServicesOnNodes();
  const told = new TopologyTold();
  return sharedController(parts, Service, {
    concurrency: 5,
    watches: [
      watchShared(Pod, servicesConcerned(services)),
      watchShared(Node, servicesConcernedByNode),
      watchShared(EndpointSlice, sliceConcerns(maintainer)),
    ],
    reconcile,
  });

  async function reconcile(request: ReconcileRequest<Service>): Promise<Requeue | undefined> {
    const { key, object: service, signal } = request;
    if (service === undefined) {
      triggerTimes.forget(key);
      pace.forget(key);
      told.forget(key);
      onNodes.set(key, new Set());
      return undefined;
    }
    // What replaces the slices of one that is going would only be collected as well.
    if (!selectsPods(service) || isBeingDeleted(service)) return undefined;
    const selected = selectedPods(pods, service);
    const pauseMs = pace.pauseMs(key, selected.length);
    if (pauseMs > 0) return requeueAfter(pauseMs);
    const changes = changesFor(request, service, selected);
    if (isNothing(changes)) return undefined;
    pace.noteWrite(key);
    try {
      await writeSlices(client, slices, changes, signal);
      return undefined;
    } catch (error) {
      const why = messageOf(error);
      const message = `Error updating Endpoint Slices for Service ${key}: ${why}`;
      request.record({ type: 'Warning', reason: 'FailedToUpdateEndpointSlices', message });
      throw error;
    }
  }

  function changesFor(
    request: ReconcileRequest<Service>,
    service: DeepReadonly<Service>,
    selected: readonly DeepReadonly<Pod>[],
  ): SliceChanges {
    const { key } = request;
    const triggerTime = triggerTimes.take(key, service, selected);
    onNodes.set(key, new Set(selected.flatMap(({ spec }) => spec?.nodeName ?? [])));
    const own = ownSlices(existingOf(key), service);
    const families = familiesOf(service);
    const parts = families.map((family) => changesOfFamily(family));
    return {
      creates: parts.flatMap(({ creates }) => creates),
      updates: parts.flatMap(({ updates }) => updates),
      deletes: [
        ...parts.flatMap(({ deletes }) => deletes),
        ...own.filter(({ addressType }) => !families.some((each) => each === addressType)),
      ],
    };

    function changesOfFamily(addressType: IpFamily): SliceChanges {
      const groups = wantedGroups(service, selected, { family: addressType, nodes });
      const shares = wantsProportionalHints(service) ? cpuShares(nodes.objects()) : undefined;
      const hinted = told.withHints(request, service, { groups, shares, addressType });
      const existing = own.filter((slice) => slice.addressType === addressType);
      const drafts = hinted.flatMap((group) =>
        spreadEndpoints(
          group,
          existing.filter(({ ports }) => portsKey(ports) === portsKey(group.ports)),
          endpointsMax,
        ),
      );
      // One without endpoints says that there are none.
      const empty = { slice: undefined, ports: [], endpoints: [] };
      return changesOf(drafts.length === 0 ? [empty] : drafts, existing, {
        addressType,
        name: service.metadata?.name ?? '',
        namespace: service.metadata?.namespace ?? '',
        owner: controllerReference(Service, service),
        labels: sliceLabels(service, { maintainer, isHeadless: isHeadless(service) }),
        ...(triggerTime === undefined ? {} : { triggerTime }),
      });
    }
  }

  function servicesConcernedByNode(change: Change<KubernetesObject>): readonly string[] {
    const proportional = changesCpuShares(change)
      ? [...services.objects()].filter(wantsProportionalHints).map(keyOf)
      : [];
    return [...new Set([...onNodes.concernedBy(change), ...proportional])];
  }
}
