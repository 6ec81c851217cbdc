import type { Node } from '@fairway/kinds/core/v1';

import type { ObjectDraft } from '@fairway/protocol';
import type { AdmissionPlugin } from './admission-plugin.ts';

const key = 'node.kubernetes.io/not-ready';

/** Source: Kubernetes admission, TaintNodesByCondition. */
export const taintNodesByCondition: AdmissionPlugin<Node> = {
  name: 'TaintNodesByCondition',
  operations: ['CREATE'],
  resources: ['/nodes'],
  async admit({ draft }) {
    if (draft !== undefined) admitNodeTaint(draft);
  },
};

/** Keeps pods off a new node until it has said that it is ready. */
export function admitNodeTaint(node: ObjectDraft<Node>): void {
  node.spec ??= {};
  const taints = node.spec.taints ?? [];
  const isTainted = taints.some((taint) => taint.key === key && taint.effect === 'NoSchedule');
  if (!isTainted) node.spec.taints = [...taints, { key, effect: 'NoSchedule' }];
}
