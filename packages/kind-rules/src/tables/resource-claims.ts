import type { ResourceClaim, ResourceSlice } from '@fairway/kinds/resource/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text } from './define-table.ts';
import type { Shown } from './shown.ts';

/** Source: kube-apiserver printers, printResourceClaim and printResourceSlice. */
export const resourceClaims: TableColumns = defineTable<ResourceClaim>([
  name,
  text('State', 'What has become of the claim.', claimState),
  age,
]);

export const resourceSlices: TableColumns = defineTable<ResourceSlice>([
  name,
  text('Node', 'Node that has the devices.', ({ spec }) => spec?.nodeName ?? ''),
  text('Driver', 'Driver that offers them.', ({ spec }) => spec?.driver ?? ''),
  text('Pool', 'Pool that they belong to.', ({ spec }) => spec?.pool?.name ?? ''),
  age,
]);

/** `allocated,reserved` */
function claimState({ metadata, status }: Shown<ResourceClaim>): string {
  const deleted = metadata?.deletionTimestamp === undefined ? [] : ['deleted'];
  if (status?.allocation === undefined) return deleted[0] ?? 'pending';
  const reserved = (status.reservedFor ?? []).length === 0 ? [] : ['reserved'];
  return [...deleted, 'allocated', ...reserved].join(',');
}
