import type { Client } from '@fairway/client';
import {
  type DeepReadonly,
  type KubernetesObject,
  type LabelSelector,
  type ResourceDescriptor,
  labelsOf,
  matchesLabelSelector,
} from '@fairway/protocol';
import {
  type Informer,
  controllerReference,
  isBeingDeleted,
  isControlledBy,
  keyOf,
  unlessAnother,
} from '@fairway/reconcile';
import { orphansIn, ownedBy } from '../caches/object-indexes.ts';

/** Who owns, and what. */
export interface Claim<Owner extends KubernetesObject, Owned extends KubernetesObject> {
  readonly client: Client;
  readonly ownerKind: ResourceDescriptor<Owner>;
  readonly owner: DeepReadonly<Owner>;
  readonly ownedKind: ResourceDescriptor<Owned>;
  /** By `sharedInformer`. */
  readonly informer: Informer<Owned>;
  readonly selector: LabelSelector;
  /** Of objects without an owner, those that may be taken; all when absent. */
  readonly mayAdopt?: (orphan: DeepReadonly<Owned>) => boolean;
  /** What is taken gets it, and what is let go loses it. */
  readonly finalizer?: string;
  readonly signal: AbortSignal;
}

/**
 * The objects that belong to an owner: those that it controls and selects. What it selects and nobody
 * controls is taken, and what it controls and does not select any more is let go; the cache knows of
 * both when this answers. An owner that is being deleted takes nothing.
 *
 * Source: kubernetes.io, ReplicaSet, "Non-Template Pod acquisitions"; ownership by labels.
 */
export async function claimObjects<Owner extends KubernetesObject, Owned extends KubernetesObject>(
  claim: Claim<Owner, Owned>,
): Promise<readonly DeepReadonly<Owned>[]> {
  const { owner, informer, selector } = claim;
  const isSelected = (object: DeepReadonly<Owned>): boolean =>
    matchesLabelSelector(selector, labelsOf(object));
  const controlled = ownedBy(informer, owner);
  const left = controlled.filter((object) => !isSelected(object));
  if (left.length > 0) await Promise.all(left.map((object) => release(claim, object)));
  const orphans = isBeingDeleted(owner)
    ? []
    : orphansIn(informer, owner.metadata?.namespace).filter(
        (object) =>
          !isBeingDeleted(object) && isSelected(object) && claim.mayAdopt?.(object) !== false,
      );
  const kept = controlled.filter(isSelected);
  if (orphans.length === 0 || !(await isStillThere(claim))) return kept;
  const adopted = await Promise.all(orphans.map((object) => adopt(claim, object)));
  return [...kept, ...adopted.flatMap((object) => object ?? [])];
}

/** Asked of the server: one that was deleted and made anew under the same name must not adopt for the old. */
async function isStillThere<Owner extends KubernetesObject, Owned extends KubernetesObject>({
  client,
  ownerKind,
  owner,
  signal,
}: Claim<Owner, Owned>): Promise<boolean> {
  const { name = '', namespace, uid } = owner.metadata ?? {};
  const where = namespace === undefined ? {} : { namespace };
  const found = await client.find(ownerKind, name, { ...where, signal });
  return found !== undefined && found.metadata?.uid === uid && !isBeingDeleted(found);
}

async function adopt<Owner extends KubernetesObject, Owned extends KubernetesObject>(
  claim: Claim<Owner, Owned>,
  object: DeepReadonly<Owned>,
): Promise<DeepReadonly<Owned> | undefined> {
  const { ownerKind, owner, informer, finalizer } = claim;
  const ownerReferences = [controllerReference(ownerKind, owner)];
  await changeOwners(claim, object, {
    ownerReferences,
    ...(finalizer === undefined ? {} : { finalizers: [finalizer] }),
  });
  const held = informer.get(keyOf(object));
  return held !== undefined && isControlledBy(held, owner) ? held : undefined;
}

async function release<Owner extends KubernetesObject, Owned extends KubernetesObject>(
  claim: Claim<Owner, Owned>,
  object: DeepReadonly<Owned>,
): Promise<void> {
  const { owner, finalizer } = claim;
  const ownerReferences = [{ $patch: 'delete', uid: owner.metadata?.uid }];
  await changeOwners(claim, object, {
    ownerReferences,
    ...(finalizer === undefined ? {} : { '$deleteFromPrimitiveList/finalizers': [finalizer] }),
  });
}

/** Does nothing where the object is gone, or is another one by now: there is nothing to own. */
async function changeOwners<Owner extends KubernetesObject, Owned extends KubernetesObject>(
  { client, ownedKind, informer, signal }: Claim<Owner, Owned>,
  object: DeepReadonly<Owned>,
  metadata: object,
): Promise<void> {
  const { name = '', namespace, uid } = object.metadata ?? {};
  const where = namespace === undefined ? {} : { namespace };
  const strategic = { metadata: { uid, ...metadata } };
  const changed = await unlessAnother(
    client.patch(ownedKind, name, { strategic }, { ...where, signal }),
  );
  if (changed !== undefined) await informer.reached(changed, { signal });
}
