import { Deployment, ReplicaSet } from '@fairway/kinds/apps/v1';
import { Pod } from '@fairway/kinds/core/v1';
import type { KubernetesObject } from '@fairway/protocol';
import {
  type Change,
  type Controller,
  type ReconcileRequest,
  type Requeue,
  controllerOf,
  formatKey,
} from '@fairway/reconcile';
import { sharedController } from '../caches/shared-controller.ts';
import { sharedInformer, watchShared } from '../caches/shared-informer.ts';
import type { ControllerParts } from '../controller-parts.ts';
import { claimObjects } from '../owned-objects/claim-objects.ts';
import { ownerKeysOf, takersOf } from '../owned-objects/owner-keys.ts';
import { selectorOf } from '../owned-objects/selected-objects.ts';
import { DeploymentWork } from './deployment-work.ts';

/** Brings the pods of a Deployment from one template to the next, through its replica sets. */
export function deployments(parts: ControllerParts): Controller {
  const { client, informers } = parts;
  const sets = sharedInformer(informers, ReplicaSet);
  const pods = sharedInformer(informers, Pod);
  const owners = sharedInformer(informers, Deployment);
  return sharedController(parts, Deployment, {
    concurrency: 5,
    watches: [
      watchShared(ReplicaSet, ownerKeysOf(Deployment, takersOf(owners, selectorOf))),
      watchShared(Pod, keysOfLeft),
    ],
    reconcile,
  });

  async function reconcile(request: ReconcileRequest<Deployment>): Promise<Requeue | undefined> {
    const { object: deployment, signal } = request;
    if (deployment === undefined) return undefined;
    const selector = selectorOf(deployment);
    if (selector.length === 0) return void tellOfSelectingAll(request);
    const claim = { client, ownerKind: Deployment, owner: deployment, ownedKind: ReplicaSet };
    await claimObjects({ ...claim, informer: sets, selector, signal });
    return new DeploymentWork({ client, sets, pods, selector }, deployment, request).run();
  }

  /** A Deployment that is recreated waits for the last of its old pods to go. */
  function keysOfLeft({ type, object }: Change<KubernetesObject>): readonly string[] {
    if (type !== 'deleted') return [];
    const namespace = object.metadata?.namespace ?? '';
    const setName = controllerOf(object)?.name;
    const set =
      setName === undefined ? undefined : sets.get(formatKey({ namespace, name: setName }));
    const owner = set === undefined ? undefined : controllerOf(set);
    return owner?.kind === Deployment.kind ? [formatKey({ namespace, name: owner.name })] : [];
  }
}

function tellOfSelectingAll({ record }: ReconcileRequest<Deployment>): void {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  record({ type: 'Warning', reason: 'SelectingAll', message });
}
