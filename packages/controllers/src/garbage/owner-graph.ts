import type { PartialObjectMetadata } from '@fairway/client';
import type { OwnerReference, ResourceDescriptor } from '@fairway/protocol';
import { groupOf } from '@fairway/reconcile';

export const orphanFinalizer = 'orphan';
export const foregroundFinalizer = 'foregroundDeletion';

/** The parts of an object's metadata that matter for ownership. */
export interface OwnedNode {
  readonly uid: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Known of an object that has been seen. */
  readonly resource?: ResourceDescriptor;
  readonly owners: readonly OwnerReference[];
  readonly dependents: ReadonlySet<OwnedNode>;
  /** Only references tell of it so far. */
  readonly isVirtual: boolean;
  readonly isBeingDeleted: boolean;
  /** Goes when those of its dependents are gone that hold it. */
  readonly isDeletingDependents: boolean;
  /** Goes when its dependents have forgotten it. */
  readonly isOrphaning: boolean;
}

type NodeDraft = { -readonly [Field in keyof OwnedNode]: OwnedNode[Field] } & {
  dependents: Set<NodeDraft>;
};

/** What a graph tells of while it changes. */
export interface OwnerGraphListener {
  /**
   * An object has to be looked at: it may have lost its last owner, may hold an owner that wants to
   * go, or is known from references only.
   */
  readonly onWork: (uid: string) => void;
  /** An object refers to an owner that is in another namespace, where it cannot be one. */
  readonly onForeignOwner: (dependent: OwnedNode, reference: OwnerReference) => void;
}

/**
 * Who owns whom, by uid, from the metadata of all objects. It may be out of date, so the collector
 * asks the API before it deletes.
 */
export class OwnerGraph {
  readonly #nodes = new Map<string, NodeDraft>();
  readonly #onWork: OwnerGraphListener['onWork'];
  readonly #onForeignOwner: OwnerGraphListener['onForeignOwner'];

  constructor({ onWork, onForeignOwner }: OwnerGraphListener) {
    this.#onWork = onWork;
    this.#onForeignOwner = onForeignOwner;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(uid: string): OwnedNode | undefined {
    return this.#nodes.get(uid);
  }

  /** An object has been seen as it is now. */
  observe(resource: ResourceDescriptor, { metadata }: PartialObjectMetadata): void {
    const { uid, name = '', namespace = '' } = metadata;
    if (uid === undefined) return;
    const before = this.#nodes.get(uid);
    const node = before ?? newNode({ uid, apiVersion: '', kind: '', name, namespace });
    if (before === undefined) this.#nodes.set(uid, node);
    if (node.isVirtual) this.#reveal(node, { resource, name, namespace });
    this.#setOwners(node, metadata.ownerReferences ?? []);
    this.#setDeletion(node, metadata);
  }

  /** An object is gone, or has never been. */
  remove(uid: string): void {
    const node = this.#nodes.get(uid);
    if (node === undefined) return;
    this.#nodes.delete(uid);
    for (const dependent of node.dependents) this.#onWork(dependent.uid);
    for (const owner of node.owners) this.#unlink(node, owner.uid);
  }

  #reveal(
    node: NodeDraft,
    seen: {
      readonly resource: ResourceDescriptor;
      readonly name: string;
      readonly namespace: string;
    },
  ): void {
    const { resource, name, namespace } = seen;
    const { group, version, kind } = resource;
    Object.assign(node, { resource, name, namespace, kind, isVirtual: false });
    node.apiVersion = group === '' ? version : `${group}/${version}`;
    for (const dependent of node.dependents) {
      const reference = dependent.owners.find((owner) => owner.uid === node.uid);
      // It refers to this uid by another name: only the API can tell what that means.
      if (reference === undefined || !isMeant(reference, dependent, node)) {
        this.#onWork(dependent.uid);
      }
      if (reference !== undefined) this.#reportForeign(reference, dependent, node);
    }
  }

  #setOwners(node: NodeDraft, owners: readonly OwnerReference[]): void {
    const before = node.owners;
    node.owners = owners;
    if (before.length === 0 && owners.length === 0) return;
    const now = new Map(owners.map((owner) => [owner.uid, owner]));
    for (const owner of before) {
      const kept = now.get(owner.uid);
      if (kept === undefined) this.#unlink(node, owner.uid);
      else if (owner.blockOwnerDeletion === true && kept.blockOwnerDeletion !== true) {
        this.#workOnWaiting(owner.uid);
      }
    }
    const known = new Set(before.map(({ uid }) => uid));
    for (const owner of owners) if (!known.has(owner.uid)) this.#link(node, owner);
  }

  #link(node: NodeDraft, reference: OwnerReference): void {
    const { uid, apiVersion, kind, name } = reference;
    let owner = this.#nodes.get(uid);
    if (owner === undefined) {
      owner = newNode({ uid, apiVersion, kind, name, namespace: node.namespace });
      this.#nodes.set(uid, owner);
      this.#onWork(uid);
    } else if (!isMeant(reference, node, owner)) {
      this.#onWork(node.uid);
      this.#reportForeign(reference, node, owner);
    }
    owner.dependents.add(node);
    if (owner.isDeletingDependents) this.#onWork(node.uid);
  }

  #reportForeign(reference: OwnerReference, dependent: OwnedNode, owner: OwnedNode): void {
    if (owner.isVirtual || isInReach(dependent, owner)) return;
    this.#onForeignOwner(dependent, reference);
  }

  #unlink(node: NodeDraft, ownerUid: string): void {
    const owner = this.#nodes.get(ownerUid);
    if (owner === undefined) return;
    owner.dependents.delete(node);
    if (owner.isVirtual && owner.dependents.size === 0) this.#nodes.delete(ownerUid);
    this.#workOnWaiting(ownerUid);
  }

  #workOnWaiting(ownerUid: string): void {
    if (this.#nodes.get(ownerUid)?.isDeletingDependents === true) this.#onWork(ownerUid);
  }

  #setDeletion(node: NodeDraft, metadata: PartialObjectMetadata['metadata']): void {
    const { deletionTimestamp, finalizers = [] } = metadata;
    node.isBeingDeleted = deletionTimestamp !== undefined;
    const isOrphaning = node.isBeingDeleted && finalizers.includes(orphanFinalizer);
    const isDeletingDependents = node.isBeingDeleted && finalizers.includes(foregroundFinalizer);
    const hasBegun =
      (isOrphaning && !node.isOrphaning) || (isDeletingDependents && !node.isDeletingDependents);
    node.isOrphaning = isOrphaning;
    node.isDeletingDependents = isDeletingDependents;
    if (!hasBegun) return;
    this.#onWork(node.uid);
    if (isDeletingDependents) for (const { uid } of node.dependents) this.#onWork(uid);
  }
}

function newNode(identity: {
  readonly uid: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}): NodeDraft {
  return {
    ...identity,
    owners: [],
    dependents: new Set<NodeDraft>(),
    isVirtual: true,
    isBeingDeleted: false,
    isDeletingDependents: false,
    isOrphaning: false,
  };
}

/** Whether a reference names the object that has its uid. */
function isMeant(reference: OwnerReference, dependent: OwnedNode, owner: OwnedNode): boolean {
  return (
    reference.name === owner.name &&
    reference.kind === owner.kind &&
    groupOf(reference.apiVersion) === groupOf(owner.apiVersion) &&
    isInReach(dependent, owner)
  );
}

function isInReach(dependent: OwnedNode, owner: OwnedNode): boolean {
  return owner.namespace === '' || owner.namespace === dependent.namespace;
}
