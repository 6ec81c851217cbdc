import {
  type KubernetesObject,
  type OwnerReference,
  type ResourceDescriptor,
  apiVersionOf,
} from '@fairway/protocol';

/** The reference by which an object names the one that controls it; undefined without one. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller === true);
}

/** True when `owner` is the object that controls `object`. */
export function isControlledBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  const uid = owner.metadata?.uid;
  return uid !== undefined && controllerOf(object)?.uid === uid;
}

/**
 * Makes the reference to an owner that controls what refers to it.
 *
 * Errors: `TypeError` for an owner without a name or uid: one that has not been created.
 */
export function controllerReference(
  kind: ResourceDescriptor,
  owner: KubernetesObject,
): OwnerReference {
  return { ...ownerReference(kind, owner), controller: true, blockOwnerDeletion: true };
}

/** Makes the reference to an owner, which is deleted with its last owner. Errors: as above. */
export function ownerReference(kind: ResourceDescriptor, owner: KubernetesObject): OwnerReference {
  const { name, uid } = owner.metadata ?? {};
  if (name === undefined || uid === undefined) {
    throw new TypeError(`the owner has no ${name === undefined ? 'name' : 'uid'}: create it first`);
  }
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, name, uid };
}

/**
 * Adds a reference to those of an object, in the place of the one with the same uid.
 *
 * Errors: `TypeError` when the object has another controller.
 */
export function withOwner(
  references: readonly OwnerReference[] | undefined,
  added: OwnerReference,
): readonly OwnerReference[] {
  const others = (references ?? []).filter((each) => each.uid !== added.uid);
  const rival = others.find((each) => each.controller === true);
  if (added.controller === true && rival !== undefined) {
    throw new TypeError(
      `${added.kind} "${added.name}" cannot control what ${rival.kind} "${rival.name}" controls`,
    );
  }
  return [...others, added];
}

/** True when a reference is to an object of this kind, whatever the version. */
export function refersTo(reference: OwnerReference, kind: ResourceDescriptor): boolean {
  return reference.kind === kind.kind && groupOf(reference.apiVersion) === kind.group;
}

/** `apps` of `apps/v1`; empty for `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}
