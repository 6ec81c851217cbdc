import { matchesNodeSelector } from '@fairway/kind-rules/pods';
import type { HeldVolume } from '@fairway/kind-rules/volumes';
import type { NodeFacts } from '../snapshot/node-facts.ts';

/** Whether a node reaches a volume. */
export function isReached({ spec }: HeldVolume, node: NodeFacts): boolean {
  const required = spec?.nodeAffinity?.required;
  return required === undefined || matchesNodeSelector(required, node);
}
