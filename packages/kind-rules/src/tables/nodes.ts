import type { Node } from '@fairway/kinds/core/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text, wide } from './define-table.ts';
import type { Shown } from './shown.ts';

/** Source: kube-apiserver printers, printNode. */
export const nodes: TableColumns = defineTable<Node>([
  name,
  text('Status', 'Whether the node is ready and takes pods.', nodeStatus),
  text('Roles', 'Roles that its labels give it.', nodeRoles),
  age,
  text('Version', 'Version of its kubelet.', ({ status }) => {
    return status?.nodeInfo?.kubeletVersion ?? '';
  }),
  wide(text('Internal-IP', 'Address inside the cluster.', (node) => address(node, 'InternalIP'))),
  wide(text('External-IP', 'Address outside of it.', (node) => address(node, 'ExternalIP'))),
  wide(
    text('OS-Image', 'Operating system.', ({ status }) => {
      return status?.nodeInfo?.osImage || '<unknown>';
    }),
  ),
  wide(
    text('Kernel-Version', 'Version of its kernel.', ({ status }) => {
      return status?.nodeInfo?.kernelVersion || '<unknown>';
    }),
  ),
  wide(
    text('Container-Runtime', 'What runs its containers.', ({ status }) => {
      return status?.nodeInfo?.containerRuntimeVersion || '<unknown>';
    }),
  ),
]);

function nodeStatus({ spec, status }: Shown<Node>): string {
  const ready = status?.conditions?.findLast((each) => each.type === 'Ready');
  const state = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable === true ? `${state},SchedulingDisabled` : state;
}

/** Labels name roles in two ways: in the key, or in the value of one key. */
function nodeRoles({ metadata }: Shown<Node>): string {
  const named = Object.entries(metadata?.labels ?? {}).map(([key, value = '']) => {
    if (key.startsWith(rolePrefix)) return key.slice(rolePrefix.length);
    return key === 'kubernetes.io/role' ? value : '';
  });
  const roles = [...new Set(named)].filter((role) => role !== '');
  return roles.sort().join(',') || '<none>';
}

const rolePrefix = 'node-role.kubernetes.io/';

function address({ status }: Shown<Node>, type: string): string {
  return status?.addresses?.find((each) => each.type === type)?.address ?? '<none>';
}
