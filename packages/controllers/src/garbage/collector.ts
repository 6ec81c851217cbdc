import {
  type Client,
  type DeleteOptions,
  type PartialObjectMetadata,
  isConflict,
  isNotFound,
} from '@fairway/client';
import type { OwnerReference, ResourceDescriptor } from '@fairway/protocol';
import {
  type Requeue,
  hasFinalizer,
  removeFinalizer,
  requeueWithBackoff,
} from '@fairway/reconcile';
import type { ServedResources } from '../served-resources.ts';
import {
  type OwnedNode,
  type OwnerGraph,
  foregroundFinalizer,
  orphanFinalizer,
} from './owner-graph.ts';

/** An object as the API has it at this moment. */
interface LiveObject {
  readonly resource: ResourceDescriptor;
  readonly object: PartialObjectMetadata;
}

/** What is to become of an object, by what its owners are. */
interface Owners {
  readonly solid: readonly OwnerReference[];
  readonly absent: readonly OwnerReference[];
  /** Wait for their dependents before they go. */
  readonly waiting: readonly OwnerReference[];
}

/** As many as the largest object can refer to; about 150 bytes each. */
const absentOwnersMax = 50_000;

/**
 * Deletes objects whose owners are all gone, carries out what foreground and orphan deletion
 * promise, and asks the API about everything before it acts on it.
 *
 * Source: Kubernetes concepts, "Garbage Collection".
 */
export class Collector {
  readonly #client: Client;
  readonly #graph: OwnerGraph;
  readonly #resources: ServedResources;
  /** Owners that were found to be absent: a uid never comes back. */
  readonly #absent = new Set<string>();

  constructor(parts: {
    readonly client: Client;
    readonly graph: OwnerGraph;
    readonly resources: ServedResources;
  }) {
    this.#client = parts.client;
    this.#graph = parts.graph;
    this.#resources = parts.resources;
  }

  /** Does what is to do about an object. */
  async collect(uid: string, signal: AbortSignal): Promise<Requeue | undefined> {
    const node = this.#graph.get(uid);
    if (node === undefined) return undefined;
    if (node.isBeingDeleted && !node.isDeletingDependents && !node.isOrphaning) return undefined;
    const resource = node.resource ?? this.#resources.find(node);
    // A kind that is not served, not yet or not any more: nothing can be said about its objects.
    if (resource === undefined) return requeueWithBackoff;
    const live = await this.#read(resource, node, signal);
    if (live === undefined) {
      this.#rememberAbsent(keyOf(node, node.namespace));
      this.#graph.remove(uid);
      return undefined;
    }
    try {
      if (node.isVirtual) return requeueWithBackoff;
      if (node.isOrphaning) return await this.#orphan(node, live, signal);
      if (node.isDeletingDependents) return await this.#releaseOrWait(node, live);
      return await this.#deleteUnowned(node, live, signal);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      if (isConflict(error)) return requeueWithBackoff;
      throw error;
    }
  }

  /** The object with this uid; undefined when there is none. */
  async #read(
    resource: ResourceDescriptor,
    of: { readonly uid: string; readonly name: string; readonly namespace: string },
    signal: AbortSignal,
  ): Promise<LiveObject | undefined> {
    const { uid, name, namespace } = of;
    const where = resource.isNamespaced ? { namespace } : {};
    const object = await this.#client.find(resource, name, { ...where, as: 'metadata', signal });
    return object?.metadata.uid === uid ? { resource, object } : undefined;
  }

  async #deleteUnowned(
    node: OwnedNode,
    live: LiveObject,
    signal: AbortSignal,
  ): Promise<Requeue | undefined> {
    const references = live.object.metadata.ownerReferences ?? [];
    if (references.length === 0) return undefined;
    const owners = await this.#judgeOwners(live, references, signal);
    if (owners === undefined) return requeueWithBackoff;
    const { solid, absent, waiting } = owners;
    if (solid.length > 0) {
      if (absent.length + waiting.length > 0) await this.#setOwners(live, solid);
      return undefined;
    }
    if (waiting.length > 0 && node.dependents.size > 0) {
      await this.#breakCycle(node, live);
      await this.#delete(live, 'Foreground');
      return undefined;
    }
    await this.#delete(live, policyOf(live.object));
    return undefined;
  }

  /** Undefined: one of them is of a kind that nothing can be said about. */
  async #judgeOwners(
    live: LiveObject,
    references: readonly OwnerReference[],
    signal: AbortSignal,
  ): Promise<Owners | undefined> {
    const solid: OwnerReference[] = [];
    const absent: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    for (const reference of references) {
      const owner = await this.#findOwner(live, reference, signal);
      if (owner === 'unknown') return undefined;
      if (owner === undefined) absent.push(reference);
      else if (isDeletingDependents(owner.object)) waiting.push(reference);
      else solid.push(reference);
    }
    return { solid, absent, waiting };
  }

  async #findOwner(
    { object }: LiveObject,
    reference: OwnerReference,
    signal: AbortSignal,
  ): Promise<LiveObject | 'unknown' | undefined> {
    const { namespace = '' } = object.metadata;
    const key = keyOf(reference, namespace);
    if (this.#absent.has(key)) return undefined;
    const resource = this.#resources.find(reference);
    if (resource === undefined) return 'unknown';
    // An object without a namespace cannot say in which one its owner is.
    if (resource.isNamespaced && namespace === '') return 'unknown';
    const owner = await this.#read(resource, { ...reference, namespace }, signal);
    if (owner === undefined) this.#rememberAbsent(key);
    return owner;
  }

  #rememberAbsent(key: string): void {
    this.#absent.add(key);
    if (this.#absent.size <= absentOwnersMax) return;
    for (const oldest of this.#absent) {
      this.#absent.delete(oldest);
      return;
    }
  }

  /** Lets an owner go when nothing holds it any more, and sees to it that what holds it goes. */
  async #releaseOrWait(node: OwnedNode, live: LiveObject): Promise<Requeue | undefined> {
    // The objects that block it were queued when the deletion began; the graph queues this one
    // again when they are gone.
    for (const dependent of node.dependents) if (holds(dependent, node)) return undefined;
    const { resource, object } = live;
    await removeFinalizer(this.#client, resource, { object, finalizer: foregroundFinalizer });
    return undefined;
  }

  // Two that wait for each other would wait for ever.
  async #breakCycle(node: OwnedNode, live: LiveObject): Promise<void> {
    if (![...node.dependents].some((dependent) => dependent.isDeletingDependents)) return;
    const references = live.object.metadata.ownerReferences ?? [];
    if (!references.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true)) return;
    const unblocked = references.map((each) => ({ ...each, blockOwnerDeletion: false }));
    const { metadata } = await this.#setOwners(live, unblocked);
    Object.assign(live, { object: { ...live.object, metadata } });
  }

  async #orphan(
    node: OwnedNode,
    live: LiveObject,
    signal: AbortSignal,
  ): Promise<Requeue | undefined> {
    for (const dependent of node.dependents) {
      if (dependent.resource === undefined) continue;
      const found = await this.#read(dependent.resource, dependent, signal);
      const references = found?.object.metadata.ownerReferences ?? [];
      const others = references.filter(({ uid }) => uid !== node.uid);
      if (found === undefined || others.length === references.length) continue;
      try {
        await this.#setOwners(found, others);
      } catch (error) {
        // Gone since it was read: it depends on nobody, and the others are still to forget their owner.
        if (!isNotFound(error)) throw error;
      }
    }
    const { resource, object } = live;
    await removeFinalizer(this.#client, resource, { object, finalizer: orphanFinalizer });
    return undefined;
  }

  #setOwners(
    { resource, object }: LiveObject,
    ownerReferences: readonly OwnerReference[],
  ): Promise<PartialObjectMetadata> {
    const { name = '', namespace, uid, resourceVersion } = object.metadata;
    const merge = { metadata: { uid, resourceVersion, ownerReferences } };
    const where = namespace === undefined ? {} : { namespace };
    const kind = resource as ResourceDescriptor<PartialObjectMetadata>;
    return this.#client.patch(kind, name, { merge }, where);
  }

  async #delete(
    { resource, object }: LiveObject,
    propagationPolicy: NonNullable<DeleteOptions['propagationPolicy']>,
  ): Promise<void> {
    const { name = '', namespace, uid = '', resourceVersion = '' } = object.metadata;
    await this.#client.delete(resource, name, {
      ...(namespace === undefined ? {} : { namespace }),
      propagationPolicy,
      // If it has been given another owner in the meantime, it must stay.
      preconditions: { uid, resourceVersion },
    });
  }
}

/** Whether an owner that waits for its dependents has to wait for this one. */
function holds(dependent: OwnedNode, owner: OwnedNode): boolean {
  return dependent.owners.some(
    ({ uid, blockOwnerDeletion }) => uid === owner.uid && blockOwnerDeletion === true,
  );
}

function isDeletingDependents(object: PartialObjectMetadata): boolean {
  return (
    object.metadata.deletionTimestamp !== undefined && hasFinalizer(object, foregroundFinalizer)
  );
}

/** The policy that the finalizers of an object already ask for. */
function policyOf(object: PartialObjectMetadata): 'Orphan' | 'Foreground' | 'Background' {
  if (hasFinalizer(object, orphanFinalizer)) return 'Orphan';
  return hasFinalizer(object, foregroundFinalizer) ? 'Foreground' : 'Background';
}

function keyOf(
  reference: Pick<OwnerReference, 'uid' | 'apiVersion' | 'kind' | 'name'>,
  namespace: string,
): string {
  const { uid, apiVersion, kind, name } = reference;
  return JSON.stringify([uid, apiVersion, kind, namespace, name]);
}
