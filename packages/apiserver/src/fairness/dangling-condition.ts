import type { FlowSchema, FlowSchemaCondition } from '@fairway/kinds/flowcontrol/v1';
import { formatTime } from '@fairway/protocol';

/** What a flow schema says in its status about its priority level. Source: KEP-1040. */
export function danglingCondition(
  { spec, status }: FlowSchema,
  { isDangling, nowMs }: { readonly isDangling: boolean; readonly nowMs: number },
): FlowSchemaCondition {
  const level = JSON.stringify(spec?.priorityLevelConfiguration.name ?? '');
  const before = status?.conditions?.find(({ type }) => type === 'Dangling');
  const now = formatTime(nowMs);
  const value = isDangling ? 'True' : 'False';
  return {
    type: 'Dangling',
    status: value,
    lastTransitionTime: before?.status === value ? (before.lastTransitionTime ?? now) : now,
    reason: isDangling ? 'NotFound' : 'Found',
    message:
      `This FlowSchema references the PriorityLevelConfiguration object named ${level} ` +
      (isDangling ? 'but there is no such object' : 'and it exists'),
  };
}
