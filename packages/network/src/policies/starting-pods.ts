import { isDeepStrictEqual } from 'node:util';
import { type Clock, timeLimit } from '@fairway/host';
import type { Pod } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import { type Change, ToldKeys, formatKey, keyOf } from '@fairway/reconcile';
import { tableKey } from '../nftables/keep-table.ts';
import { type PolicyPod, policyPodOf } from './policy-pod.ts';

/** How long a pod waits for the rules to know it; it is tried again. */
const waitMs = 30_000;

/** The rules of network policies do not know a pod, which is therefore not to run yet. */
export class UnknownPodError extends Error {
  override readonly name = 'UnknownPodError';
}

/** Whether the rules know a pod by its addresses. */
export type KnowsPod = (pod: PolicyPod) => boolean;

/**
 * Pods with addresses that the API has not been told of. None of their programs runs before the rules know whose
 * the address is, so that none is ever less isolated than its policies say.
 */
export class StartingPods {
  readonly #clock: Clock;
  readonly #pods = new Map<string, PolicyPod>();
  readonly #listeners = new Set<() => void>();
  #knows: KnowsPod = () => false;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** For the loop that makes rules of them. */
  readonly source = new ToldKeys('starting pods');

  /**
   * Resolves when the rules know a pod by these addresses.
   *
   * Errors: `UnknownPodError` when that takes too long.
   */
  async untilKnown(pod: DeepReadonly<Pod>, addresses: readonly string[]): Promise<void> {
    const starting = policyPodOf(pod, addresses);
    if (starting === undefined) return;
    const key = keyOf(pod);
    if (!isDeepStrictEqual(policyPodOf(pod)?.addresses, starting.addresses)) {
      this.#pods.set(key, starting);
    }
    const late = (): Error =>
      new UnknownPodError(
        `the rules of network policies do not know the pod ${key} after ${waitMs / 1000} s; the log says why`,
      );
    using limit = timeLimit(this.#clock, waitMs, { late });
    if (this.#knows(starting)) return;
    this.source.tell(tableKey);
    do await this.#nextRules(limit.signal);
    while (!this.#knows(starting));
  }

  /** The pods of a cluster, with what the API has not been told of them. */
  among(told: readonly PolicyPod[]): readonly PolicyPod[] {
    if (this.#pods.size === 0) return told;
    // An address belongs to the pod that got it last.
    const taken = new Set([...this.#pods.values()].flatMap(({ addresses }) => addresses));
    const others = told.flatMap((pod) => {
      const addresses = pod.addresses.filter((address) => !taken.has(address));
      return this.#pods.has(formatKey(pod)) || addresses.length === 0
        ? []
        : [{ ...pod, addresses }];
    });
    return [...others, ...this.#pods.values()];
  }

  /** What has become of a pod in the API: from here on that counts. */
  noteChange({ type, object }: Change<Pod>): void {
    const key = keyOf(object);
    const starting = this.#pods.get(key);
    if (starting === undefined) return;
    const isTold = isDeepStrictEqual(policyPodOf(object)?.addresses, starting.addresses);
    if (type === 'deleted' || isTold) this.#pods.delete(key);
  }

  /** The rules are as they were wanted. */
  noteRules(knows: KnowsPod): void {
    this.#knows = knows;
    for (const listener of this.#listeners) listener();
  }

  #nextRules(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => end(() => reject(signal.reason as Error));
      const onRules = (): void => end(resolve);
      const end = (settle: () => void): void => {
        this.#listeners.delete(onRules);
        signal.removeEventListener('abort', onAbort);
        settle();
      };
      this.#listeners.add(onRules);
      signal.addEventListener('abort', onAbort);
    });
  }
}
