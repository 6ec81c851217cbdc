import type {
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '@fairway/kinds/admissionregistration/v1';
import type { KeyRange, StoreEntry } from '@fairway/store';
import type { StoredFacts } from '../reads/stored-facts.ts';
import { type EntryIndex, FollowedIndex } from '../storage/followed-index.ts';
import { groupRange } from '../storage/storage-key.ts';
import { PolicyIndex } from './policies/policy-index.ts';
import { HooksByConfiguration } from './webhooks/hooks.ts';

/** The keys of all policies, their bindings, and configurations of webhooks. */
export const admissionRegistrationsRange: KeyRange = groupRange('admissionregistration.k8s.io');

/**
 * Policies and webhooks of the store, kept up to date in memory: one holds for the write after its own, and a
 * request finds out at once that there is none.
 */
export class AdmissionRegistrations extends FollowedIndex<RegistrationIndex> {
  constructor(facts: StoredFacts) {
    super(() => new RegistrationIndex(facts));
  }
}

class RegistrationIndex implements EntryIndex {
  readonly validatingPolicies = new PolicyIndex<
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding
  >();
  readonly mutatingPolicies = new PolicyIndex<
    MutatingAdmissionPolicy,
    MutatingAdmissionPolicyBinding
  >();
  readonly validatingWebhooks: HooksByConfiguration;
  readonly mutatingWebhooks: HooksByConfiguration;
  readonly #byPlural: Readonly<Record<string, EntryIndex>>;

  constructor(facts: StoredFacts) {
    this.validatingWebhooks = new HooksByConfiguration(facts);
    this.mutatingWebhooks = new HooksByConfiguration(facts);
    this.#byPlural = {
      validatingadmissionpolicies: this.validatingPolicies.policies,
      validatingadmissionpolicybindings: this.validatingPolicies.bindings,
      mutatingadmissionpolicies: this.mutatingPolicies.policies,
      mutatingadmissionpolicybindings: this.mutatingPolicies.bindings,
      validatingwebhookconfigurations: this.validatingWebhooks,
      mutatingwebhookconfigurations: this.mutatingWebhooks,
    };
  }

  put(entry: StoreEntry): void {
    this.#indexOf(entry)?.put(entry);
  }

  delete(previous: StoreEntry): void {
    this.#indexOf(previous)?.delete(previous);
  }

  #indexOf({ key }: StoreEntry): EntryIndex | undefined {
    const [plural = ''] = key.slice(admissionRegistrationsRange.start.length).split('/', 1);
    return this.#byPlural[plural];
  }
}
