import { isNamespaceTerminating } from '@fairway/client';
import { messageOf } from '@fairway/host';
import { Endpoints, Pod, Service } from '@fairway/kinds/core/v1';
import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import {
  type Change,
  type Controller,
  deleteUnlessOutdated,
  keyOf,
  requeueAfter,
  unlessOutdated,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { selectedPods, selectsPods, servicesConcerned } from '../service-pods/selected-pods.ts';
import { TriggerTimes } from '../service-pods/trigger-times.ts';
import { WritePace } from '../service-pods/write-pace.ts';
import { managedBy, managedByLabel, wantedEndpoints } from './wanted-endpoints.ts';

/** Keeps the Endpoints of each service that selects pods. */
export function endpoints(parts: ControllerParts): Controller {
  const { client, informers, recorder } = parts;
  const services = sharedInformer(informers, Service);
  const pods = sharedInformer(informers, Pod);
  const existing = sharedInformer(informers, Endpoints);
  const triggerTimes = new TriggerTimes();
  const pace = new WritePace(client.clock);
  return sharedController(parts, Service, {
    concurrency: 5,
    watches: [
      watchShared(Pod, servicesConcerned(services)),
      watchShared(Endpoints, serviceConcerned),
    ],
    async reconcile({ key, object: service, signal }) {
      const current = existing.get(key);
      if (service === undefined) {
        triggerTimes.forget(key);
        pace.forget(key);
        if (current !== undefined)
          await deleteUnlessOutdated(client, Endpoints, current, { signal });
        return undefined;
      }
      if (!selectsPods(service)) return undefined;
      const selected = selectedPods(pods, service);
      const pauseMs = pace.pauseMs(key, selected.length);
      if (pauseMs > 0) return requeueAfter(pauseMs);
      const triggerTime = triggerTimes.take(key, service, selected);
      const wanted = wantedEndpoints(service, { pods: selected, current, triggerTime });
      if (wanted === undefined) return undefined;
      pace.noteWrite(key);
      const isNew = current === undefined;
      try {
        const writing = isNew
          ? client.create(Endpoints, wanted as Endpoints, { signal })
          : client.replace(Endpoints, wanted as Endpoints, { signal });
        const written = await unlessOutdated(writing);
        if (written === undefined) return undefined;
        await existing.reached(written, { signal });
        return undefined;
      } catch (error) {
        if (isNamespaceTerminating(error)) return undefined;
        report(wanted, { isNew, error });
        throw error;
      }
    },
  });

  function report(
    wanted: DeepReadonly<Endpoints>,
    { isNew, error }: { readonly isNew: boolean; readonly error: unknown },
  ): void {
    const why = messageOf(error);
    const message = isNew
      ? `Failed to create endpoint for service ${keyOf(wanted)}: ${why}`
      : `Failed to update endpoint ${keyOf(wanted)}: ${why}`;
    const reason = isNew ? 'FailedToCreateEndpoint' : 'FailedToUpdateEndpoint';
    recorder.record(Endpoints, wanted, { type: 'Warning', reason, message });
  }
}

/**
 * Endpoints that others made for a service without a selector are theirs: without a service they stay
 * until one of their name is deleted.
 */
function serviceConcerned({ type, object, old }: Change<KubernetesObject>): readonly string[] {
  return type === 'deleted' || isOurs(object) || isOurs(old) ? [keyOf(object)] : [];
}

function isOurs(object: KubernetesObject | undefined): boolean {
  return object?.metadata?.labels?.[managedByLabel] === managedBy;
}
