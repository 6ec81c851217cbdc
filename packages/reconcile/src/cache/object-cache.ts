import type { ReflectEvent } from '@fairway/client';
import type { DeepReadonly, KubernetesObject } from '@fairway/protocol';
import { keyOf } from './object-key.ts';

/** What has become of one object. It is in a cache, for all who read it. */
export interface Change<T extends KubernetesObject> {
  readonly type: 'added' | 'updated' | 'deleted';
  /** As it is now; of a deleted object, the last state. */
  readonly object: DeepReadonly<T>;
  /** Before an update. */
  readonly old?: DeepReadonly<T>;
  /** The end was not seen: `object` is the last state that is known, and others may have followed. */
  readonly isLastKnown?: boolean;
}

/** Says under which values an object is to be found. */
export type IndexBy<T extends KubernetesObject> = (
  object: DeepReadonly<T>,
) => string | readonly string[] | undefined;

/**
 * The objects of a collection by their keys, as events bring them.
 *
 * A list that comes anew is taken in object by object: what is held before its end is the old state
 * with what has come of the new one.
 */
export class ObjectCache<T extends KubernetesObject> {
  readonly #objects = new Map<string, DeepReadonly<T>>();
  readonly #indexes = new Map<string, Index<T>>();
  /** Held from before a list that is still coming. */
  #unconfirmed: Set<string> | undefined;

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): DeepReadonly<T> | undefined {
    return this.#objects.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#objects.keys();
  }

  objects(): IterableIterator<DeepReadonly<T>> {
    return this.#objects.values();
  }

  /** The objects that an index has under a value. Errors: `RangeError` for an unknown index. */
  by(indexName: string, value: string): readonly DeepReadonly<T>[] {
    const index = this.#indexes.get(indexName);
    if (index === undefined) {
      const known = [...this.#indexes.keys()].join(', ') || 'none';
      throw new RangeError(`there is no index "${indexName}" (there are: ${known})`);
    }
    return [...(index.objects.get(value)?.values() ?? [])];
  }

  /** Adds an index over what there is and what will come; the same one again changes nothing. */
  addIndex(indexName: string, by: IndexBy<T>): void {
    const known = this.#indexes.get(indexName);
    if (known?.by === by) return;
    if (known !== undefined) {
      throw new RangeError(`the index "${indexName}" is there already, by another function`);
    }
    const index: Index<T> = { by, objects: new Map() };
    for (const [key, object] of this.#objects) addToIndex(index, key, object);
    this.#indexes.set(indexName, index);
  }

  /** Takes in an event and answers what it changed: nothing, when the object was known as it is. */
  apply(event: ReflectEvent<T>): readonly Change<T>[] {
    switch (event.type) {
      case 'Init':
        this.#unconfirmed = new Set(this.#objects.keys());
        return [];
      case 'InitApply':
      case 'Apply':
        return this.#put(event.object as DeepReadonly<T>);
      case 'Delete':
        return this.#remove(keyOf(event.object), event.object as DeepReadonly<T>);
      case 'InitDone':
        return this.#removeUnconfirmed();
    }
  }

  #put(object: DeepReadonly<T>): readonly Change<T>[] {
    const key = keyOf(object);
    this.#unconfirmed?.delete(key);
    const old = this.#objects.get(key);
    if (old !== undefined && isSameVersion(old, object)) return [];
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      if (old !== undefined) removeFromIndex(index, key, old);
      addToIndex(index, key, object);
    }
    if (old === undefined) return [{ type: 'added', object }];
    if (isSameObject(old, object)) return [{ type: 'updated', object, old }];
    return [
      { type: 'deleted', object: old, isLastKnown: true },
      { type: 'added', object },
    ];
  }

  /** `last` is absent when the end was not seen. */
  #remove(key: string, last?: DeepReadonly<T>): readonly Change<T>[] {
    this.#unconfirmed?.delete(key);
    const old = this.#objects.get(key);
    if (old === undefined) return [];
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) removeFromIndex(index, key, old);
    if (last === undefined || !isSameObject(old, last)) {
      return [{ type: 'deleted', object: old, isLastKnown: true }];
    }
    return [{ type: 'deleted', object: last }];
  }

  #removeUnconfirmed(): readonly Change<T>[] {
    const keys = this.#unconfirmed ?? new Set();
    this.#unconfirmed = undefined;
    return [...keys].flatMap((key) => this.#remove(key));
  }
}

interface Index<T extends KubernetesObject> {
  readonly by: IndexBy<T>;
  /** By value, then by key. */
  readonly objects: Map<string, Map<string, DeepReadonly<T>>>;
}

function addToIndex<T extends KubernetesObject>(
  index: Index<T>,
  key: string,
  object: DeepReadonly<T>,
): void {
  for (const value of valuesOf(index, object)) {
    const objects = index.objects.get(value);
    if (objects === undefined) index.objects.set(value, new Map([[key, object]]));
    else objects.set(key, object);
  }
}

function removeFromIndex<T extends KubernetesObject>(
  index: Index<T>,
  key: string,
  object: DeepReadonly<T>,
): void {
  for (const value of valuesOf(index, object)) {
    const objects = index.objects.get(value);
    objects?.delete(key);
    if (objects?.size === 0) index.objects.delete(value);
  }
}

function valuesOf<T extends KubernetesObject>(
  { by }: Index<T>,
  object: DeepReadonly<T>,
): readonly string[] {
  const values = by(object) ?? [];
  return typeof values === 'string' ? [values] : values;
}

/** A name can pass from an object that was deleted to one that was made after it. */
function isSameObject(one: KubernetesObject, other: KubernetesObject): boolean {
  const [oneUid, otherUid] = [one.metadata?.uid, other.metadata?.uid];
  return oneUid === otherUid || oneUid === undefined || otherUid === undefined;
}

function isSameVersion(one: KubernetesObject, other: KubernetesObject): boolean {
  const version = one.metadata?.resourceVersion;
  return (
    version !== undefined && version === other.metadata?.resourceVersion && isSameObject(one, other)
  );
}
