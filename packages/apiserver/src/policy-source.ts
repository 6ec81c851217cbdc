import type { RbacPolicy } from '@fairway/access';
import type { KubernetesObject } from '@fairway/protocol';
import type { KeyRange, StoreEntry } from '@fairway/store';
import type { RangeFollower } from './objects/follow-range.ts';
import { decodeStored } from './objects/object-bytes.ts';
import { endOfPrefix } from './objects/storage-key.ts';

const prefix = '/registry/rbac.authorization.k8s.io/';

/** The keys of all roles and bindings. */
export const policyRange: KeyRange = { start: prefix, end: endOfPrefix(prefix) };

/** The roles and bindings of the store, kept up to date in memory for the authorizer. */
export class PolicySource implements RangeFollower {
  readonly #objects = new Map<string, KubernetesObject>();
  #policy: RbacPolicy | undefined;

  /** The same object until something changes. */
  readonly current = (): RbacPolicy => {
    this.#policy ??= {
      clusterRoles: this.#of('clusterroles'),
      clusterRoleBindings: this.#of('clusterrolebindings'),
      roles: this.#of('roles'),
      roleBindings: this.#of('rolebindings'),
    };
    return this.#policy;
  };

  reset(entries: readonly StoreEntry[]): void {
    this.#objects.clear();
    for (const entry of entries) this.put(entry);
  }

  put(entry: StoreEntry): void {
    this.#objects.set(entry.key.slice(prefix.length), decodeStored(entry.value));
    this.#policy = undefined;
  }

  delete(previous: StoreEntry): void {
    this.#objects.delete(previous.key.slice(prefix.length));
    this.#policy = undefined;
  }

  #of<T>(plural: string): readonly T[] {
    const start = `${plural}/`;
    return [...this.#objects]
      .filter(([key]) => key.startsWith(start))
      .map(([, object]) => object as T);
  }
}
