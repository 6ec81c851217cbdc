import type { Pod } from '@fairway/kinds/core/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text, wide } from './define-table.ts';
import { podReadiness, podRestarts, podStatus } from './pod-summary.ts';
import type { Shown } from './shown.ts';

/** Source: kube-apiserver printers, printPod. */
export const pods: TableColumns = defineTable<Pod>([
  name,
  text('Ready', 'Ready containers, of all.', podReadiness),
  text('Status', 'How the pod is, summed up from its phase and containers.', podStatus),
  text('Restarts', 'How often containers were restarted, and when last.', podRestarts),
  age,
  wide(
    text('IP', 'First address of the pod.', ({ status }) => {
      return (status?.podIPs?.[0]?.ip ?? status?.podIP) || '<none>';
    }),
  ),
  wide(text('Node', 'Node that runs the pod.', ({ spec }) => spec?.nodeName || '<none>')),
  wide(
    text('Nominated Node', 'Node on which room is being made for the pod.', ({ status }) => {
      return status?.nominatedNodeName || '<none>';
    }),
  ),
  wide(text('Readiness Gates', 'Conditions that hold, of those the pod waits for.', gates)),
]);

function gates({ spec, status }: Shown<Pod>): string {
  const wanted = spec?.readinessGates ?? [];
  if (wanted.length === 0) return '<none>';
  const open = wanted.filter(({ conditionType }) => {
    return status?.conditions?.find((each) => each.type === conditionType)?.status === 'True';
  });
  return `${open.length}/${wanted.length}`;
}
