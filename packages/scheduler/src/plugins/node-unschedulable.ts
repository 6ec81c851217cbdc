import { tolerates } from '@fairway/kind-rules/pods';
import { type Plugin, lasting } from './plugin.ts';

const refusal = lasting('node(s) were unschedulable');

/** As if a node that is cordoned had this taint. */
const taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const;

/** Keeps pods off nodes that are cordoned. */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter: ({ tolerations }) =>
    tolerations.some((toleration) => tolerates(toleration, taint))
      ? undefined
      : { check: ({ facts }) => (facts.isUnschedulable ? refusal : undefined) },
  mayHelp: (event) => {
    if (event.kind === 'node added') return !event.node.facts.isUnschedulable;
    if (event.kind !== 'node updated') return false;
    return event.before.isUnschedulable && !event.node.facts.isUnschedulable;
  },
};
