import { RbacIndex, type Role, type RoleBinding } from '@fairway/access';
import type { KeyRange, StoreEntry } from '@fairway/store';
import { type EntryIndex, FollowedIndex } from './storage/followed-index.ts';
import { decodeStored } from './storage/object-bytes.ts';
import { groupRange } from './storage/storage-key.ts';

/** The keys of all roles and bindings. */
export const policyRange: KeyRange = groupRange('rbac.authorization.k8s.io');

/** The roles and bindings of the store, kept up to date in memory for the authorizer. */
export class PolicySource extends FollowedIndex<StoredPolicy> {
  constructor() {
    super(() => new StoredPolicy());
  }

  readonly current = (): RbacIndex => this.index.rbac;
}

class StoredPolicy implements EntryIndex {
  readonly rbac = new RbacIndex();

  put(entry: StoreEntry): void {
    const object = decodeStored(entry.value);
    if (isBinding(entry)) this.rbac.putBinding(object as unknown as RoleBinding);
    else this.rbac.putRole(object as unknown as Role);
  }

  delete(previous: StoreEntry): void {
    const object = decodeStored(previous.value);
    if (isBinding(previous)) this.rbac.deleteBinding(object as unknown as RoleBinding);
    else this.rbac.deleteRole(object as unknown as Role);
  }
}

/** The plural stands behind the group: `clusterrolebindings/x`. */
function isBinding({ key }: StoreEntry): boolean {
  const [plural = ''] = key.slice(policyRange.start.length).split('/', 1);
  return plural.endsWith('bindings');
}
