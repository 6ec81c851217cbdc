import type { NeededObject } from '@fairway/access';
import { isMirrorPod, nodeSecretsOf, podReferences } from '@fairway/kind-rules/pods';
import type { PersistentVolume, Pod } from '@fairway/kinds/core/v1';
import type { KubernetesObject } from '@fairway/protocol';
import type { KeyRange, StoreEntry } from '@fairway/store';
import type { ResourceRegistry } from '../registry/resource-registry.ts';
import type { FollowedRange } from '../storage/follow-range.ts';
import { type EntryIndex, FollowedIndex } from '../storage/followed-index.ts';
import { decodeStored } from '../storage/object-bytes.ts';
import { collectionRange } from '../storage/storage-key.ts';

/**
 * Knows what each node needs: its pods, what they name, the volumes of their claims, and what is the
 * node's own. It is kept up to date one object at a time, and a question costs as much as one look-up.
 *
 * Source: Kubernetes, using Node authorization.
 */
export class NodeNeeds {
  readonly #pods = new FollowedIndex(() => new PodNeeds());
  readonly #volumes = new FollowedIndex(() => new VolumeNeeds());
  readonly #attachments = new FollowedIndex(() => new OwnObjects());
  readonly #slices = new FollowedIndex(() => new OwnObjects());

  readonly isNeeded = (node: string, object: NeededObject): boolean => {
    const key = keyOf(object);
    const { index: pods } = this.#pods;
    switch (object.plural) {
      case 'volumeattachments':
        return this.#attachments.index.isOf(node, object.name);
      case 'resourceslices':
        return this.#slices.index.isOf(node, object.name);
      case 'persistentvolumes': {
        const claim = this.#volumes.index.claimOf(object.name);
        return claim !== undefined && pods.isNeeded(node, claim);
      }
      case 'secrets':
        if (pods.isNeeded(node, key)) return true;
        return this.#volumes.index.claimsWith(key).some((claim) => pods.isNeeded(node, claim));
      default:
        return pods.isNeeded(node, key);
    }
  };

  /** What must be followed for it. */
  followed(registry: ResourceRegistry): readonly FollowedRange[] {
    const rangeOf = (group: string, plural: string): KeyRange =>
      collectionRange(registry.builtInResource(group, plural), '');
    return [
      { range: rangeOf('', 'pods'), follower: this.#pods },
      { range: rangeOf('', 'persistentvolumes'), follower: this.#volumes },
      { range: rangeOf('storage.k8s.io', 'volumeattachments'), follower: this.#attachments },
      { range: rangeOf('resource.k8s.io', 'resourceslices'), follower: this.#slices },
    ];
  }
}

/** A pod on a node, and what it needs there, itself included. */
interface PlacedPod {
  readonly node: string;
  readonly keys: ReadonlySet<string>;
}

class PodNeeds implements EntryIndex {
  readonly #pods = new Map<string, PlacedPod>();
  /** How many pods of a node need an object, by the object. */
  readonly #counts = new Map<string, Map<string, number>>();

  isNeeded(node: string, key: string): boolean {
    return this.#counts.get(key)?.has(node) ?? false;
  }

  put(entry: StoreEntry): void {
    this.delete(entry);
    const pod = isPlaced(entry) ? placePod(decodeStored(entry.value) as Pod) : undefined;
    if (pod === undefined) return;
    this.#pods.set(entry.key, pod);
    for (const key of pod.keys) {
      const counts = this.#counts.get(key) ?? new Map<string, number>();
      counts.set(pod.node, (counts.get(pod.node) ?? 0) + 1);
      this.#counts.set(key, counts);
    }
  }

  delete({ key: entryKey }: Pick<StoreEntry, 'key'>): void {
    const pod = this.#pods.get(entryKey);
    if (pod === undefined) return;
    this.#pods.delete(entryKey);
    for (const key of pod.keys) {
      const counts = this.#counts.get(key);
      const count = (counts?.get(pod.node) ?? 0) - 1;
      if (count > 0) counts?.set(pod.node, count);
      else counts?.delete(pod.node);
      if (counts?.size === 0) this.#counts.delete(key);
    }
  }
}

/** Most pods that are written have no node yet, and need not be decoded. */
function isPlaced({ value }: StoreEntry): boolean {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes('"nodeName":"');
}

function placePod(pod: Pod): PlacedPod | undefined {
  const node = pod.spec?.nodeName ?? '';
  if (node === '') return undefined;
  const { namespace = '', name = '' } = pod.metadata ?? {};
  const keys = new Set([keyOf({ plural: 'pods', namespace, name })]);
  // A node makes its mirror pods itself, and must gain nothing by them.
  if (isMirrorPod(pod)) return { node, keys };
  for (const [plural, names] of Object.entries(podReferences(pod))) {
    for (const each of names as readonly string[]) {
      keys.add(keyOf({ plural: plural as NeededObject['plural'], namespace, name: each }));
    }
  }
  return { node, keys };
}

interface BoundVolume {
  readonly name: string;
  readonly claim: string;
  readonly secrets: readonly string[];
}

class VolumeNeeds implements EntryIndex {
  /** By the keys of their entries. */
  readonly #volumes = new Map<string, BoundVolume>();
  readonly #claims = new Map<string, string>();
  /** By a secret, the volumes that use it on their nodes. */
  readonly #users = new Map<string, Set<BoundVolume>>();

  claimOf(volume: string): string | undefined {
    return this.#claims.get(volume);
  }

  claimsWith(secret: string): readonly string[] {
    return [...(this.#users.get(secret) ?? [])].map(({ claim }) => claim);
  }

  put(entry: StoreEntry): void {
    this.delete(entry);
    const volume = decodeStored(entry.value) as PersistentVolume;
    const { namespace = '', name = '' } = volume.spec?.claimRef ?? {};
    if (name === '') return;
    const bound: BoundVolume = {
      name: volume.metadata?.name ?? '',
      claim: keyOf({ plural: 'persistentvolumeclaims', namespace, name }),
      secrets: nodeSecretsOf(volume).map((each) => keyOf({ plural: 'secrets', ...each })),
    };
    this.#volumes.set(entry.key, bound);
    this.#claims.set(bound.name, bound.claim);
    for (const secret of bound.secrets) {
      const users = this.#users.get(secret) ?? new Set<BoundVolume>();
      this.#users.set(secret, users.add(bound));
    }
  }

  delete({ key: entryKey }: Pick<StoreEntry, 'key'>): void {
    const bound = this.#volumes.get(entryKey);
    if (bound === undefined) return;
    this.#volumes.delete(entryKey);
    this.#claims.delete(bound.name);
    for (const secret of bound.secrets) {
      const users = this.#users.get(secret);
      users?.delete(bound);
      if (users?.size === 0) this.#users.delete(secret);
    }
  }
}

/** Objects that name the node that they are of. */
class OwnObjects implements EntryIndex {
  /** Of each object its node, by the key of its entry, and by its name. */
  readonly #names = new Map<string, string>();
  readonly #nodes = new Map<string, string>();

  isOf(node: string, name: string): boolean {
    return this.#nodes.get(name) === node;
  }

  put(entry: StoreEntry): void {
    const { key, value } = entry;
    this.delete(entry);
    const object = decodeStored(value) as KubernetesObject & {
      readonly spec?: { readonly nodeName?: string };
    };
    const node = object.spec?.nodeName ?? '';
    const name = object.metadata?.name ?? '';
    if (node === '') return;
    this.#names.set(key, name);
    this.#nodes.set(name, node);
  }

  delete({ key }: Pick<StoreEntry, 'key'>): void {
    const name = this.#names.get(key);
    if (name === undefined) return;
    this.#names.delete(key);
    this.#nodes.delete(name);
  }
}

function keyOf({ plural, namespace, name }: NeededObject): string {
  return `${plural} ${namespace}/${name}`;
}
