import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '@fairway/kinds/admissionregistration/v1';
import type { KeyRange, StoreEntry } from '@fairway/store';
import { type EntryIndex, FollowedIndex } from '../../storage/followed-index.ts';
import { groupRange } from '../../storage/storage-key.ts';
import { PolicyIndex } from './policy-index.ts';

/** The keys of all policies and bindings; those of webhooks lie between them. */
export const admissionPoliciesRange: KeyRange = groupRange('admissionregistration.k8s.io');

/** The policies of the store, kept up to date in memory: one holds for the write after its own. */
export class AdmissionPolicies extends FollowedIndex<StoredPolicies> {
  constructor() {
    super(() => new StoredPolicies());
  }
}

class StoredPolicies implements EntryIndex {
  readonly validating = new PolicyIndex<
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding
  >();
  readonly mutating = new PolicyIndex<MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding>();

  put(entry: StoreEntry): void {
    const { plural } = placeOf(entry);
    if (plural === 'validatingadmissionpolicies') this.validating.putPolicy(entry);
    else if (plural === 'validatingadmissionpolicybindings') this.validating.putBinding(entry);
    else if (plural === 'mutatingadmissionpolicies') this.mutating.putPolicy(entry);
    else if (plural === 'mutatingadmissionpolicybindings') this.mutating.putBinding(entry);
  }

  delete(previous: StoreEntry): void {
    const { plural, name } = placeOf(previous);
    if (plural === 'validatingadmissionpolicies') this.validating.deletePolicy(name);
    else if (plural === 'validatingadmissionpolicybindings') this.validating.deleteBinding(name);
    else if (plural === 'mutatingadmissionpolicies') this.mutating.deletePolicy(name);
    else if (plural === 'mutatingadmissionpolicybindings') this.mutating.deleteBinding(name);
  }
}

function placeOf({ key }: StoreEntry): { readonly plural: string; readonly name: string } {
  const [plural = '', name = ''] = key.slice(admissionPoliciesRange.start.length).split('/');
  return { plural, name };
}
