import type { Node, NodeCondition, NodeStatus } from '@fairway/kinds/core/v1';
import { type DeepReadonly, equalsJson, formatTime, parseTime } from '@fairway/protocol';

type AnyNode = DeepReadonly<Node>;

/** A status that has not changed is posted as often as this. Source: kubelet, `nodeStatusReportFrequency`. */
export const postEveryMs = 300_000;

/** How a node says that it is. */
export interface NodeVerdict {
  readonly isReady: boolean;
  readonly reason: string;
  readonly message: string;
}

export const readyVerdict: NodeVerdict = {
  isReady: true,
  reason: 'KubeletReady',
  message: 'kubelet is posting ready status',
};

/** A condition without its times. */
export type SaidCondition = Pick<NodeCondition, 'type' | 'status' | 'reason' | 'message'>;

/** What a node says of memory, disk and processes while it has enough of them. */
export const sufficientConditions: readonly SaidCondition[] = [
  sufficient(
    'MemoryPressure',
    'KubeletHasSufficientMemory',
    'kubelet has sufficient memory available',
  ),
  sufficient('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
  sufficient('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
];

function sufficient(type: string, reason: string, message: string): SaidCondition {
  return { type, status: 'False', reason, message };
}

export function readyCondition({ isReady, reason, message }: NodeVerdict): SaidCondition {
  return { type: 'Ready', status: isReady ? 'True' : 'False', reason, message };
}

/** The conditions of a node after it has said these: with their times, and those of others. */
export function postedConditions(
  { status }: AnyNode,
  said: readonly SaidCondition[],
  nowMs: number,
): readonly NodeCondition[] {
  const now = formatTime(nowMs);
  const before = status?.conditions ?? [];
  const posted = said.map((each) => {
    const old = before.find(({ type }) => type === each.type);
    const since = old?.status === each.status ? old.lastTransitionTime : undefined;
    return { ...each, lastHeartbeatTime: now, lastTransitionTime: since ?? now };
  });
  return [...posted, ...before.filter(({ type }) => !said.some((each) => each.type === type))];
}

/** When a node has last posted its status, in milliseconds since 1970. */
export function lastPostedMs({ status }: AnyNode): number | undefined {
  const times = (status?.conditions ?? []).map((each) => parseTime(each.lastHeartbeatTime ?? ''));
  const known = times.filter((each) => each !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Whether a status says nothing that the node has not said before; when it does so does not matter. */
export function isAsPosted({ status: before }: AnyNode, status: NodeStatus): boolean {
  const [old, now] = [withoutTimes(before), withoutTimes(status)];
  return Object.entries(now).every(([field, value]) =>
    equalsJson(old[field] ?? null, value ?? null),
  );
}

function withoutTimes(status: AnyNode['status'] = {}): Readonly<Record<string, unknown>> {
  const conditions = (status.conditions ?? []).map(({ lastHeartbeatTime: _, ...each }) => each);
  return { ...status, conditions: Object.fromEntries(conditions.map((each) => [each.type, each])) };
}
