import { nodeReadiness } from '@fairway/kind-rules/nodes';
import type { Taint } from '@fairway/kinds/core/v1';
import { type DeepReadonly, formatTime } from '@fairway/protocol';
import type { AnyNode } from './node-conditions.ts';

type AnyTaint = DeepReadonly<Taint>;

const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';
const unschedulable = 'node.kubernetes.io/unschedulable';

/** Which state of a condition keeps new pods away, and how the taint says it. */
const taintsOfConditions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: notReady, Unknown: unreachable },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
};

const keysOfOurs: ReadonlySet<string> = new Set([
  ...Object.values(taintsOfConditions).flatMap((byStatus) => Object.values(byStatus)),
  unschedulable,
]);

/**
 * The taints that a node is to have: those that others gave it stay, and those that follow from its conditions are
 * brought up to date. The same list when nothing changes.
 *
 * `evicts`: pods that are there have to go as well, as far as nothing tolerates it; undefined: as it was.
 */
export function taintsOf(
  node: AnyNode,
  { evicts, nowMs }: { readonly evicts: boolean | undefined; readonly nowMs: number },
): readonly AnyTaint[] {
  const before = node.spec?.taints ?? [];
  const wanted = [...repelling(node), ...movingAway(node, before, evicts)];
  const isWanted = (taint: AnyTaint): boolean => wanted.some((each) => isSame(each, taint));
  const kept = before.filter((taint) => !isOurs(taint) || isWanted(taint));
  const timeAdded = formatTime(nowMs);
  const added = wanted
    .filter((taint) => !before.some((each) => isSame(each, taint)))
    .map((taint) => ({ ...taint, timeAdded }));
  return kept.length === before.length && added.length === 0 ? before : [...kept, ...added];
}

function repelling({ spec, status }: AnyNode): readonly AnyTaint[] {
  const keys = (status?.conditions ?? []).flatMap(
    ({ type, status: state }) => taintsOfConditions[type]?.[state] ?? [],
  );
  if (spec?.unschedulable === true) keys.push(unschedulable);
  return keys.map((key) => ({ key, effect: 'NoSchedule' }));
}

function movingAway(
  node: AnyNode,
  before: readonly AnyTaint[],
  evicts: boolean | undefined,
): readonly AnyTaint[] {
  const key = taintsOfConditions['Ready']?.[nodeReadiness(node) ?? ''];
  const wasMoving = before.some(isMovingAway);
  // Of a node that says nothing at all, nothing is known that would change it.
  if (nodeReadiness(node) === undefined) return before.filter(isMovingAway);
  return key !== undefined && (evicts ?? wasMoving) ? [{ key, effect: 'NoExecute' }] : [];
}

/** Whether it sends away pods from a node that is not ready. */
export function isMovingAway({ key, effect }: AnyTaint): boolean {
  return effect === 'NoExecute' && (key === notReady || key === unreachable);
}

function isOurs(taint: AnyTaint): boolean {
  return isMovingAway(taint) || (taint.effect === 'NoSchedule' && keysOfOurs.has(taint.key));
}

function isSame(one: AnyTaint, other: AnyTaint): boolean {
  return one.key === other.key && one.effect === other.effect;
}
