import type { Node, NodeCondition } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

/** The condition of a type; undefined when the node has none. */
export function nodeCondition(
  { status }: DeepReadonly<Node>,
  type: string,
): DeepReadonly<NodeCondition> | undefined {
  return status?.conditions?.find((each) => each.type === type);
}

/** Whether a node can serve: `True`, `False` or `Unknown`; undefined while nothing was said. */
export function nodeReadiness(node: DeepReadonly<Node>): string | undefined {
  return nodeCondition(node, 'Ready')?.status;
}
