import { ReplicaSet } from '@fairway/kinds/apps/v1';
import { Pod } from '@fairway/kinds/core/v1';
import { isPodActive, isPodTerminating } from '@fairway/kind-rules/pods';
import { type DeepReadonly, parseLabelSelectorObject } from '@fairway/protocol';
import {
  type Controller,
  type ReconcileRequest,
  type Requeue,
  isBeingDeleted,
  requeueAfter,
} from '@fairway/reconcile';
import { ownedBy } from '../caches/object-indexes.ts';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { claimObjects } from '../owned-objects/claim-objects.ts';
import { ownerKeysOf, takersOf } from '../owned-objects/owner-keys.ts';
import { selectedBy } from '../owned-objects/selected-objects.ts';
import { untilNextAvailableMs } from '../pods/next-available.ts';
import { podFromTemplate } from '../pods/pod-from-template.ts';
import { PodWriter } from '../pods/pod-writer.ts';
import { writeStatus } from '../write-status.ts';
import { companyOnNodes } from './company-on-nodes.ts';
import {
  type ReplicaKind,
  type ReplicaOwner,
  replicaSetKind,
  replicationControllerKind,
} from './replica-kind.ts';
import { replicaStatus } from './replica-status.ts';
import { scalePods } from './scale-pods.ts';

/** Keeps as many pods of a ReplicaSet alive as it wants. */
export function replicaSets(parts: ControllerParts): Controller {
  return keepReplicas(parts, replicaSetKind);
}

/** Keeps as many pods of a ReplicationController alive as it wants. */
export function replicationControllers(parts: ControllerParts): Controller {
  return keepReplicas(parts, replicationControllerKind);
}

function keepReplicas<T extends ReplicaOwner>(
  parts: ControllerParts,
  { kind, selectorOf, countsTerminating }: ReplicaKind<T>,
): Controller {
  const { client, informers } = parts;
  const { clock } = client;
  const pods = sharedInformer(informers, Pod);
  const owners = sharedInformer<T>(informers, kind);
  const company = companyOnNodes(pods, sharedInformer(informers, ReplicaSet));
  return sharedController(parts, kind, {
    concurrency: 5,
    watches: [watchShared(Pod, ownerKeysOf(kind, takersOf(owners, selectorOf)))],
    reconcile,
  });

  async function reconcile(request: ReconcileRequest<T>): Promise<Requeue | undefined> {
    const { object: owner, signal } = request;
    if (owner === undefined) return undefined;
    const selector = selectorOf(owner);
    const mayAdopt = isPodActive;
    const claim = { client, ownerKind: kind, owner, ownedKind: Pod, informer: pods };
    const claimed = await claimObjects({ ...claim, selector, mayAdopt, signal });
    const { failure } = isBeingDeleted(owner)
      ? {}
      : await scalePods(new PodWriter({ client, pods }, request), {
          count: owner.spec?.replicas ?? 0,
          active: claimed.filter(isPodActive),
          newPod: () => podFromTemplate(kind, owner, owner.spec?.template),
          deletion: { nowMs: clock.now(), companyOf: company(owner) },
        });
    const active = selectedBy(pods, owner, selector).filter(isPodActive);
    const nowMs = clock.now();
    const status = replicaStatus(owner, {
      active,
      ...(countsTerminating ? { terminatingCount: terminatingOf(owner) } : {}),
      template: parseLabelSelectorObject({
        matchLabels: owner.spec?.template?.metadata?.labels ?? {},
      }),
      ...(failure === undefined ? {} : { failure: failure.told }),
      nowMs,
    });
    await writeStatus<T>(request, kind, { object: owner, status });
    if (failure !== undefined) throw failure.cause;
    const untilNextMs = untilNextAvailableMs(active, owner.spec?.minReadySeconds, nowMs);
    return untilNextMs === undefined ? undefined : requeueAfter(untilNextMs);
  }

  function terminatingOf(owner: DeepReadonly<T>): number {
    return ownedBy(pods, owner).filter(isPodTerminating).length;
  }
}
