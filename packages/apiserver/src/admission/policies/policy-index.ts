import type { KubernetesObject } from '@fairway/protocol';
import type { StoreEntry } from '@fairway/store';
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

  /** In the order of their names. */
  get bound(): readonly BoundPolicy<Policy, Binding>[] {
    return (this.#bound ??= this.#bind());
  }

  putPolicy(entry: StoreEntry): void {
    const policy = decodeStored(entry.value) as Policy;
    const { name = '', uid, generation } = policy.metadata ?? {};
    const known = this.#policies.get(name)?.metadata;
    if (known !== undefined && known.uid === uid && known.generation === generation) return;
    this.#policies.set(name, policy);
    this.#bound = undefined;
  }

  putBinding(entry: StoreEntry): void {
    const binding = decodeStored(entry.value) as Binding;
    this.#bindings.set(binding.metadata?.name ?? '', binding);
    this.#bound = undefined;
  }

  deletePolicy(name: string): void {
    this.#policies.delete(name);
    this.#bound = undefined;
  }

  deleteBinding(name: string): void {
    this.#bindings.delete(name);
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

function inOrderOfNames<Value>(map: ReadonlyMap<string, Value>): readonly Value[] {
  return [...map].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, value]) => value);
}
