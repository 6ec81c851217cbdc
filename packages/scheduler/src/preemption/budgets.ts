import type { PodDisruptionBudget } from '@fairway/kinds/policy/v1';
import {
  type DeepReadonly,
  type LabelSelector,
  matchesLabelSelector,
  writtenSelector,
} from '@fairway/protocol';
import type { PodFacts } from '../snapshot/pod-facts.ts';

/** The disruption budgets of a cluster, as far as they say who may have to leave. */
export class Budgets {
  readonly #budgets: readonly Budget[];

  constructor(budgets: Iterable<DeepReadonly<PodDisruptionBudget>>) {
    this.#budgets = [...budgets].flatMap(({ metadata, spec, status }) => {
      const selector = writtenSelector(spec?.selector);
      // One that selects everything, or nothing, protects nobody here.
      if (selector === undefined || selector.length === 0) return [];
      return {
        namespace: metadata?.namespace ?? '',
        selector,
        allowed: status?.disruptionsAllowed ?? 0,
        disrupted: new Set(Object.keys(status?.disruptedPods ?? {})),
      };
    });
  }

  /** Which of some pods, if all of them left, would be one more than a budget allows. */
  split(pods: readonly PodFacts[]): {
    readonly violating: readonly PodFacts[];
    readonly others: readonly PodFacts[];
  } {
    const left = new Map(this.#budgets.map((budget) => [budget, budget.allowed]));
    const violating: PodFacts[] = [];
    const others: PodFacts[] = [];
    for (const pod of pods) {
      let isViolating = false;
      for (const [budget, allowed] of left) {
        if (!protects(budget, pod)) continue;
        left.set(budget, allowed - 1);
        if (allowed <= 0) isViolating = true;
      }
      (isViolating ? violating : others).push(pod);
    }
    return { violating, others };
  }
}

interface Budget {
  readonly namespace: string;
  readonly selector: LabelSelector;
  readonly allowed: number;
  /** Pods whose leaving has been counted already, by their names. */
  readonly disrupted: ReadonlySet<string>;
}

function protects({ namespace, selector, disrupted }: Budget, pod: PodFacts): boolean {
  if (pod.namespace !== namespace || disrupted.has(pod.name)) return false;
  return matchesLabelSelector(selector, pod.labels);
}
