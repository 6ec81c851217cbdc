import { RbacIndex, type Role, type RoleBinding } from '@fairway/access';
import { giveWay } from '@fairway/host';
import type { KeyRange, StoreEntry } from '@fairway/store';
import type { RangeFollower } from './storage/follow-range.ts';
import { decodeStored } from './storage/object-bytes.ts';
import { groupRange } from './storage/storage-key.ts';

/** The keys of all roles and bindings. */
export const policyRange: KeyRange = groupRange('rbac.authorization.k8s.io');

/** The roles and bindings of the store, kept up to date in memory for the authorizer. */
export class PolicySource implements RangeFollower {
  #index = new RbacIndex();

  readonly current = (): RbacIndex => this.#index;

  /** Requests in the meantime are decided by the policy known before. */
  async reset(entries: readonly StoreEntry[]): Promise<void> {
    const index = new RbacIndex();
    for (const entry of entries) {
      await giveWay();
      put(index, entry);
    }
    this.#index = index;
  }

  put(entry: StoreEntry): void {
    put(this.#index, entry);
  }

  delete(previous: StoreEntry): void {
    const object = decodeStored(previous.value);
    if (isBinding(previous)) this.#index.deleteBinding(object as unknown as RoleBinding);
    else this.#index.deleteRole(object as unknown as Role);
  }
}

function put(index: RbacIndex, entry: StoreEntry): void {
  const object = decodeStored(entry.value);
  if (isBinding(entry)) index.putBinding(object as unknown as RoleBinding);
  else index.putRole(object as unknown as Role);
}

/** The plural stands behind the group: `clusterrolebindings/x`. */
function isBinding({ key }: StoreEntry): boolean {
  const [plural = ''] = key.slice(policyRange.start.length).split('/', 1);
  return plural.endsWith('bindings');
}
