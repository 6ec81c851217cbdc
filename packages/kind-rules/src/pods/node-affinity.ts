import type {
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
  PodSpec,
} from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** What selectors ask of a node. */
export interface SelectableNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Whether a pod may be on a node by its `nodeSelector` and the affinity that it requires.
 *
 * Source: Kubernetes documentation, assigning pods to nodes.
 */
export function matchesNodeAffinity(
  { nodeSelector, affinity }: DeepReadonly<Pick<PodSpec, 'nodeSelector' | 'affinity'>>,
  node: SelectableNode,
): boolean {
  if (nodeSelector !== undefined) {
    for (const key in nodeSelector) if (node.labels[key] !== nodeSelector[key]) return false;
  }
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || matchesNodeSelector(required, node);
}

/** Whether one of its terms selects a node: of a pod, or of a volume that is reached from there. */
export function matchesNodeSelector(
  { nodeSelectorTerms }: DeepReadonly<NodeSelector>,
  node: SelectableNode,
): boolean {
  for (const term of nodeSelectorTerms) if (matchesNodeSelectorTerm(term, node)) return true;
  return false;
}

/** Whether all that a term asks holds. One that asks for nothing selects no node. */
export function matchesNodeSelectorTerm(
  { matchExpressions = [], matchFields = [] }: DeepReadonly<NodeSelectorTerm>,
  node: SelectableNode,
): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false;
  for (const requirement of matchExpressions) {
    const { key } = requirement;
    if (!holds(requirement, Object.hasOwn(node.labels, key) ? node.labels[key] : undefined)) {
      return false;
    }
  }
  for (const requirement of matchFields) {
    const value = requirement.key === 'metadata.name' ? node.name : undefined;
    if (!holds(requirement, value)) return false;
  }
  return true;
}

function holds(
  { operator, values = [] }: DeepReadonly<NodeSelectorRequirement>,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt':
      return compares(operator, value, values[0]);
  }
}

function compares(
  operator: 'Gt' | 'Lt',
  value: string | undefined,
  bound: string | undefined,
): boolean {
  if (value === undefined || bound === undefined) return false;
  if (!integer.test(value) || !integer.test(bound)) return false;
  return operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}

/** Also keeps BigInt from long texts, which it reads in quadratic time. */
const integer = /^-?[0-9]{1,19}$/;
