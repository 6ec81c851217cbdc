import type { DeepReadonly, KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { type Change, type Informer, controllerOf, formatKey, refersTo } from '@fairway/reconcile';

/**
 * An index of objects by who controls them: its uid, or the namespace of those that nobody does. What
 * may belong to an owner is found without a look at the rest.
 */
export function byOwner(object: DeepReadonly<KubernetesObject>): string {
  const owner = controllerOf(object);
  return owner === undefined ? orphansOf(object.metadata?.namespace) : owner.uid;
}

/** The name of the index in the informers that have it. */
export const ownerIndex = 'owner';

/** The objects that an owner controls. The informer has `ownerIndex`. */
export function ownedBy<T extends KubernetesObject>(
  informer: Informer<T>,
  owner: DeepReadonly<KubernetesObject>,
): readonly DeepReadonly<T>[] {
  return informer.by(ownerIndex, owner.metadata?.uid ?? '');
}

/** The objects of a namespace that nobody controls. The informer has `ownerIndex`. */
export function orphansIn<T extends KubernetesObject>(
  informer: Informer<T>,
  namespace: string | undefined,
): readonly DeepReadonly<T>[] {
  return informer.by(ownerIndex, orphansOf(namespace));
}

/**
 * The keys of the owners that a change of an object concerns: who controls it and who did; of an object
 * without an owner those who would take it, as `takersOf` says.
 */
export function ownerKeysOf(
  kind: ResourceDescriptor,
  takersOf: (orphan: DeepReadonly<KubernetesObject>) => readonly string[],
): (change: Change<KubernetesObject>) => readonly string[] {
  return ({ type, object, old }) => {
    const states = old === undefined || isSameOwner(object, old) ? [object] : [object, old];
    const keys = states.flatMap((state) => ownerKeyOf(kind, state) ?? []);
    if (type === 'deleted' || controllerOf(object) !== undefined) return keys;
    return [...keys, ...takersOf(object)];
  };
}

function ownerKeyOf(kind: ResourceDescriptor, object: KubernetesObject): string | undefined {
  const owner = controllerOf(object);
  if (owner === undefined || !refersTo(owner, kind)) return undefined;
  return formatKey({ namespace: object.metadata?.namespace ?? '', name: owner.name });
}

function isSameOwner(object: KubernetesObject, old: KubernetesObject): boolean {
  return controllerOf(object)?.uid === controllerOf(old)?.uid;
}

function orphansOf(namespace: string | undefined): string {
  return `orphans of ${namespace ?? ''}`;
}
