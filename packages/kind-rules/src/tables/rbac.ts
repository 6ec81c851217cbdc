import type { ClusterRoleBinding, RoleBinding, Subject } from '@fairway/kinds/rbac/v1';
import type { TableColumns } from '../table-columns.ts';
import { age, defineTable, name, text, wide } from './define-table.ts';
import type { Shown } from './shown.ts';

/** Bindings of roles and of cluster roles. Source: kube-apiserver printers, printRoleBinding. */
export const roleBindings: TableColumns = defineTable<RoleBinding | ClusterRoleBinding>([
  name,
  text('Role', 'Role that is given.', ({ roleRef }) => {
    return `${roleRef?.kind ?? ''}/${roleRef?.name ?? ''}`;
  }),
  age,
  wide(text('Users', 'Users that get it.', (binding) => subjects(binding, 'User'))),
  wide(text('Groups', 'Groups that get it.', (binding) => subjects(binding, 'Group'))),
  wide(
    text('ServiceAccounts', 'Service accounts that get it.', (binding) => {
      return subjects(binding, 'ServiceAccount');
    }),
  ),
]);

function subjects(binding: Shown<RoleBinding | ClusterRoleBinding>, kind: string): string {
  const ofKind = (binding.subjects ?? []).filter((subject) => subject.kind === kind);
  return ofKind.map(subjectName).join(', ');
}

function subjectName({ kind, namespace = '', name: subject = '' }: Shown<Subject>): string {
  return kind === 'ServiceAccount' ? `${namespace}/${subject}` : subject;
}
