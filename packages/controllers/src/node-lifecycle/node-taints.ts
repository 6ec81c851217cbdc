import type { Node, Taint } from '@fairway/kinds/core/v1';
import { type DeepReadonly, equalsJson, formatTime } from '@fairway/protocol';

type AnyNode = DeepReadonly<Node>;

/** Taints that follow from how a node is. */
const ownKeys: ReadonlySet<string> = new Set([
  'node.kubernetes.io/not-ready',
  'node.kubernetes.io/unreachable',
  'node.kubernetes.io/memory-pressure',
  'node.kubernetes.io/disk-pressure',
  'node.kubernetes.io/pid-pressure',
  'node.kubernetes.io/network-unavailable',
  'node.kubernetes.io/unschedulable',
]);

/**
 * The taints of a node as its conditions want them, beside those of others: pods do not come where something
 * is wrong, and go where it does not work at all. The same list where nothing changes.
 *
 * Source: Kubernetes, taint nodes by condition.
 */
export function nodeTaints(node: AnyNode, nowMs: number): readonly Taint[] {
  const before = (node.spec?.taints ?? []) as readonly Taint[];
  const wanted = [...schedulingTaints(node), ...evictingTaints(node, nowMs)];
  const own = wanted.map((taint) => before.find((each) => isSame(each, taint)) ?? taint);
  const others = before.filter(
    ({ key, effect }) => !(ownKeys.has(key) && (effect === 'NoSchedule' || effect === 'NoExecute')),
  );
  const taints = [...others, ...own];
  const isKept = taints.length === before.length && before.every((each) => taints.includes(each));
  return isKept || equalsJson(taints, before) ? before : taints;
}

function isSame(one: Taint, other: Taint): boolean {
  return one.key === other.key && one.effect === other.effect;
}

function schedulingTaints(node: AnyNode): readonly Taint[] {
  const isTrue = (type: string): boolean => conditionOf(node, type) === 'True';
  const ready = conditionOf(node, 'Ready');
  const names = [
    ...(ready === 'False' ? ['not-ready'] : []),
    ...(ready === 'Unknown' ? ['unreachable'] : []),
    ...(isTrue('MemoryPressure') ? ['memory-pressure'] : []),
    ...(isTrue('DiskPressure') ? ['disk-pressure'] : []),
    ...(isTrue('PIDPressure') ? ['pid-pressure'] : []),
    ...(isTrue('NetworkUnavailable') ? ['network-unavailable'] : []),
    ...(node.spec?.unschedulable === true ? ['unschedulable'] : []),
  ];
  return names.map((name) => ({ key: `node.kubernetes.io/${name}`, effect: 'NoSchedule' }));
}

function evictingTaints(node: AnyNode, nowMs: number): readonly Taint[] {
  const ready = conditionOf(node, 'Ready');
  if (ready !== 'False' && ready !== 'Unknown') return [];
  const name = ready === 'False' ? 'not-ready' : 'unreachable';
  const timeAdded = formatTime(nowMs);
  return [{ key: `node.kubernetes.io/${name}`, effect: 'NoExecute', timeAdded }];
}

export function conditionOf({ status }: AnyNode, type: string): string | undefined {
  return status?.conditions?.find((each) => each.type === type)?.status;
}
