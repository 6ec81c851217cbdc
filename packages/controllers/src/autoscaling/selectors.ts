import type { Pod } from '@fairway/kinds/core/v1';
import {
  type DeepReadonly,
  type LabelSelector,
  labelsOf,
  matchesLabelSelector,
} from '@fairway/protocol';
import { parseKey } from '@fairway/reconcile';

/** Which pods each autoscaler scales: two that scale the same ones would work against each other. */
export class AutoscalerSelectors {
  readonly #selectors = new Map<string, LabelSelector>();

  set(key: string, selector: LabelSelector): void {
    this.#selectors.set(key, selector);
  }

  forget(key: string): void {
    this.#selectors.delete(key);
  }

  /** The keys of all autoscalers of these pods, which one scales. */
  sharing(key: string, pods: readonly DeepReadonly<Pod>[]): readonly string[] {
    const { namespace } = parseKey(key);
    return [...this.#selectors]
      .filter(([other, selector]) => {
        if (other === key) return true;
        if (parseKey(other).namespace !== namespace) return false;
        return pods.some((pod) => matchesLabelSelector(selector, labelsOf(pod)));
      })
      .map(([other]) => other);
  }
}
