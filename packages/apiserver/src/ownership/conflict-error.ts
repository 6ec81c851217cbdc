import { type ApiError, apiError } from '@fairway/protocol';
import { type FieldConflict, formatPath } from '@fairway/schema';
import { managerOfKey } from './managed-fields.ts';

/**
 * The refusal of an apply that would change what others own, each field as a cause.
 *
 * Source: kube-apiserver, `NewConflictError`.
 */
export function conflictError(found: readonly FieldConflict[]): ApiError {
  const conflicts = [...found].sort((one, other) => order(one.owner, other.owner));
  const causes = conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describe(owner)}`,
    field: formatPath(path),
  }));
  return apiError('Conflict', messageOf(conflicts), { causes });
}

function messageOf(conflicts: readonly FieldConflict[]): string {
  const [first] = conflicts;
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${describe(first.owner)}: ${formatPath(first.path)}`;
  }
  const byManager = Map.groupBy(conflicts, ({ owner }) => owner);
  const parts = [...byManager].map(([owner, fields]) => {
    const list = fields.map(({ path }) => `\n- ${formatPath(path)}`);
    return `conflicts with ${describe(owner)}:${list.join('')}`;
  });
  return `Apply failed with ${conflicts.length} conflicts: ${parts.join('\n')}`;
}

/** `"web" with subresource "status" using apps/v1` */
function describe(owner: string): string {
  const { manager, operation, apiVersion, subresource } = managerOfKey(owner);
  const view = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`;
  const version = operation === 'Update' ? ` using ${apiVersion}` : '';
  return `${JSON.stringify(manager)}${view}${version}`;
}

function order(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
