import type { Node } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';

type AnyNode = DeepReadonly<Node>;

/** As kwok has it: whoever gives it to a node has the node pretended. */
export const fakeNodeAnnotation = 'kwok.x-k8s.io/node';

/** Whether a node is to be pretended. */
export function isSimulated(node: AnyNode | undefined): node is AnyNode {
  return node?.metadata?.annotations?.[fakeNodeAnnotation] === 'fake';
}
