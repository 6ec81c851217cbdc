import type { KubernetesObject } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
import type { EntryIndex } from '../../storage/followed-index.ts';
import { decodeStored } from '../../storage/object-bytes.ts';

/** What the index asks of a binding. */
export interface PolicyBinding extends KubernetesObject {
  readonly spec?: { readonly policyName?: string };
}

/** A policy and what binds it; a policy that nothing binds does nothing. */
export interface BoundPolicy<Policy, Binding> {
  readonly policy: Policy;
  readonly bindings: readonly Binding[];
}

/**
 * The policies of one kind and their bindings, by their names. A policy stays the same object until its
 * spec changes, so that what is compiled of it can be kept by it.
 */
export class PolicyIndex<Policy extends KubernetesObject, Binding extends PolicyBinding> {
  readonly #policies = new Map<string, Policy>();
  readonly #bindings = new Map<string, Binding>();
  #bound: readonly BoundPolicy<Policy, Binding>[] | undefined = [];

  /** Takes in policies. */
  readonly policies: EntryIndex = {
    put: (entry) => this.#putPolicy(decodeStored(entry.value) as Policy),
    delete: (previous) => this.#delete(this.#policies, previous),
  };

  /** Takes in bindings. */
  readonly bindings: EntryIndex = {
    put: (entry) => this.#putBinding(decodeStored(entry.value) as Binding),
    delete: (previous) => this.#delete(this.#bindings, previous),
  };

  /** In the order of their names. */
  get bound(): readonly BoundPolicy<Policy, Binding>[] {
    return (this.#bound ??= this.#bind());
  }

  #putPolicy(policy: Policy): void {
    const { uid, generation } = policy.metadata ?? {};
    const known = this.#policies.get(nameOf(policy))?.metadata;
    if (known !== undefined && known.uid === uid && known.generation === generation) return;
    this.#policies.set(nameOf(policy), policy);
    this.#bound = undefined;
  }

  #putBinding(binding: Binding): void {
    this.#bindings.set(nameOf(binding), binding);
    this.#bound = undefined;
  }

  #delete(known: Map<string, unknown>, { value }: StoreEntry): void {
    known.delete(nameOf(decodeStored(value)));
    this.#bound = undefined;
  }

  #bind(): readonly BoundPolicy<Policy, Binding>[] {
    const inOrder = inOrderOfNames(this.#bindings);
    return inOrderOfNames(this.#policies).flatMap((policy) => {
      const name = policy.metadata?.name;
      const bindings = inOrder.filter(({ spec }) => spec?.policyName === name);
      return bindings.length === 0 ? [] : [{ policy, bindings }];
    });
  }
}

function nameOf({ metadata }: KubernetesObject): string {
  return metadata?.name ?? '';
}

function inOrderOfNames<Value>(map: ReadonlyMap<string, Value>): readonly Value[] {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);
}
