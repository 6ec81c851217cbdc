import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import { type IndexBy, type Informer, controllerOf } from '@fairway/reconcile';

const ownerIndex = 'owner';

/** How every shared cache finds its objects beside by their namespace: by who controls them. */
export const objectIndexes: Readonly<Record<string, IndexBy<KubernetesObject>>> = {
  [ownerIndex]: byOwner,
};

/** The objects that an owner controls. */
export function ownedBy<T extends KubernetesObject>(
  informer: Informer<T>,
  owner: DeepReadonly<KubernetesObject>,
): readonly DeepReadonly<T>[] {
  return informer.by(ownerIndex, owner.metadata?.uid ?? '');
}

/** The objects of a namespace that nobody controls. */
export function orphansIn<T extends KubernetesObject>(
  informer: Informer<T>,
  namespace: string | undefined,
): readonly DeepReadonly<T>[] {
  return informer.by(ownerIndex, orphansOf(namespace));
}

/** The uid of who controls an object, or the namespace of one that nobody does. */
function byOwner(object: DeepReadonly<KubernetesObject>): string {
  return controllerOf(object)?.uid ?? orphansOf(object.metadata?.namespace);
}

function orphansOf(namespace: string | undefined): string {
  return `orphans of ${namespace ?? ''}`;
}
