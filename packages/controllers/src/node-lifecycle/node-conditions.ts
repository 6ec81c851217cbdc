import type { Node, NodeCondition } from '@fairway/kinds/core/v1';
import { type DeepReadonly, formatTime } from '@fairway/protocol';

export type AnyNode = DeepReadonly<Node>;
type AnyCondition = DeepReadonly<NodeCondition>;

/** What only the node itself knows. Whether its network is there, others say. */
const ownConditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/** The conditions of a node that says nothing any more, or never has. */
export function unknownConditions(
  { metadata, status }: AnyNode,
  nowMs: number,
): readonly AnyCondition[] {
  const lastTransitionTime = formatTime(nowMs);
  const known = (status?.conditions ?? []).map((each): AnyCondition => {
    const isOwn = ownConditions.some((type) => type === each.type);
    if (!isOwn || each.status === 'Unknown') return each;
    return {
      ...each,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime,
    };
  });
  const missing = ownConditions.filter((type) => !known.some((each) => each.type === type));
  const { creationTimestamp: lastHeartbeatTime = lastTransitionTime } = metadata ?? {};
  return [
    ...known,
    ...missing.map((type): AnyCondition => ({
      type,
      status: 'Unknown',
      lastHeartbeatTime,
      lastTransitionTime,
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
    })),
  ];
}
