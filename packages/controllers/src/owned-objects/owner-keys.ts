import {
  type DeepReadonly,
  type KubernetesObject,
  type LabelSelector,
  type ResourceDescriptor,
  labelsOf,
  matchesLabelSelector,
} from '@fairway/protocol';
import {
  type Change,
  type Informer,
  controllerOf,
  formatKey,
  inNamespace,
  isBeingDeleted,
  keyOf,
  refersTo,
} from '@fairway/reconcile';

/** The keys of the owners that would take an object that nobody controls. */
export type TakersOf = (orphan: DeepReadonly<KubernetesObject>) => readonly string[];

/** Those that select it. */
export function takersOf<Owner extends KubernetesObject>(
  owners: Informer<Owner>,
  selectorOf: (owner: DeepReadonly<Owner>) => LabelSelector,
): TakersOf {
  return (orphan) =>
    inNamespace(owners, orphan.metadata?.namespace)
      .filter(
        (owner) =>
          !isBeingDeleted(owner) && matchesLabelSelector(selectorOf(owner), labelsOf(orphan)),
      )
      .map(keyOf);
}

/**
 * The keys of the owners that a change of an object concerns: who controls it and who did; of an object
 * without an owner those who would take it, where any does.
 */
export function ownerKeysOf(
  kind: ResourceDescriptor,
  takers: TakersOf = () => [],
): (change: Change<KubernetesObject>) => readonly string[] {
  return ({ type, object, old }) => {
    const states = old === undefined || isSameOwner(object, old) ? [object] : [object, old];
    const keys = states.flatMap((state) => ownerKeyOf(kind, state) ?? []);
    if (type === 'deleted' || controllerOf(object) !== undefined) return keys;
    return [...keys, ...takers(object)];
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
