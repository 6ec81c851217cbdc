import type { Node } from '@fairway/kinds/core/v1';

import type { ObjectDraft } from '@fairway/protocol';

const key = 'node.kubernetes.io/not-ready';

/** Keeps pods off a new node until it has said that it is ready. */
export function admitNodeTaint(node: ObjectDraft<Node>): void {
  node.spec ??= {};
  const taints = node.spec.taints ?? [];
  const isTainted = taints.some((taint) => taint.key === key && taint.effect === 'NoSchedule');
  if (!isTainted) node.spec.taints = [...taints, { key, effect: 'NoSchedule' }];
}
