import type { TopologySpreadConstraint } from '@fairway/kinds/core/v1';
import { type DeepReadonly, type LabelSelector, writtenSelector } from '@fairway/protocol';

/** How evenly pods that are alike are spread over the domains of a topology. */
export interface SpreadConstraint {
  readonly topologyKey: string;
  readonly maxSkew: number;
  /** Else it is a wish. */
  readonly isRequired: boolean;
  /** Fewer domains than this count as if another one were empty. */
  readonly domainsMin: number;
  /** Undefined selects nothing. */
  readonly selector: LabelSelector | undefined;
  /** The same for all constraints whose selectors select the same. */
  readonly selectorKey: string;
  /** Nodes where the pod could not be anyway do not count. */
  readonly honorsAffinity: boolean;
  readonly honorsTaints: boolean;
}

export function spreadConstraints(
  constraints: readonly DeepReadonly<TopologySpreadConstraint>[],
  labels: Readonly<Record<string, string>>,
): readonly SpreadConstraint[] {
  return constraints.map((constraint) => {
    const selector = selectorOf(constraint, labels);
    return {
      topologyKey: constraint.topologyKey,
      maxSkew: constraint.maxSkew,
      isRequired: constraint.whenUnsatisfiable === 'DoNotSchedule',
      domainsMin: constraint.minDomains ?? 1,
      selector,
      selectorKey: JSON.stringify(selector),
      honorsAffinity: constraint.nodeAffinityPolicy !== 'Ignore',
      honorsTaints: constraint.nodeTaintsPolicy === 'Honor',
    };
  });
}

/** Pods that have the same values of `matchLabelKeys` are alike. */
function selectorOf(
  { labelSelector, matchLabelKeys = [] }: DeepReadonly<TopologySpreadConstraint>,
  labels: Readonly<Record<string, string>>,
): LabelSelector | undefined {
  const selector = writtenSelector(labelSelector);
  if (selector === undefined || matchLabelKeys.length === 0) return selector;
  const same = matchLabelKeys.flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator: '=' as const, values: [value] }];
  });
  return [...selector, ...same];
}
