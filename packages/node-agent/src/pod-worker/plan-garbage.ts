import type { PodAction } from './pod-action.ts';
import { taskOf } from './pod-action.ts';
import type { PodView } from './pod-view.ts';

/**
 * What a pod does not need any more: runs of containers before the last one that has ended, whose log
 * `kubectl logs --previous` reads, and sandboxes that hold nothing.
 */
export function planGarbage({ records, sandboxes, sandbox, busy }: PodView): readonly PodAction[] {
  const actions: PodAction[] = [];
  const kept = new Set<string>();
  for (const record of records) {
    if (record.state !== 'exited') continue;
    if (kept.has(record.name)) actions.push({ kind: 'remove-container', containerId: record.id });
    kept.add(record.name);
  }
  const isEmpty = (sandboxId: string): boolean =>
    !records.some((record) => record.sandboxId === sandboxId);
  for (const { id, isReady } of sandboxes.slice(1)) {
    if (id === sandbox?.id || isReady || !isEmpty(id)) continue;
    actions.push({ kind: 'remove-sandbox', sandboxId: id });
    break;
  }
  return actions.filter((action) => !busy.has(taskOf(action)));
}
