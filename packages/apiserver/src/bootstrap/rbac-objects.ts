import {
  type BindingRow,
  type RoleRow,
  type RuleRow,
  clusterRoleBindings,
  clusterRoles,
  roleBindings,
  roles,
} from './rbac-policy.ts';
import type { ClusterRole, PolicyRule, RoleBinding, Subject } from '@fairway/access';

const group = 'rbac.authorization.k8s.io';
const apiVersion = `${group}/v1`;

/** A role or binding as the API serves it. */
export type RbacObject = (ClusterRole | RoleBinding) & {
  readonly apiVersion: string;
  readonly kind: 'ClusterRole' | 'Role' | 'ClusterRoleBinding' | 'RoleBinding';
};

/** The roles and bindings that every cluster starts with, roles first. */
export function bootstrapRbacObjects(): readonly RbacObject[] {
  return [
    ...clusterRoles.map((row) => roleObject('ClusterRole', row)),
    ...roles.map((row) => roleObject('Role', row)),
    ...clusterRoleBindings.map((row) => bindingObject('ClusterRoleBinding', row)),
    ...roleBindings.map((row) => bindingObject('RoleBinding', row)),
  ];
}

/** What every node may do, as far as it is not divided among them by what each needs. */
export function nodeRules(): readonly PolicyRule[] {
  return clusterRoles.find(({ name }) => name === 'system:node')?.rules?.map(ruleOf) ?? [];
}

function roleObject(kind: 'ClusterRole' | 'Role', row: RoleRow): RbacObject {
  const { aggregatesFrom, rules } = row;
  const matchLabels = aggregatesFrom === undefined ? undefined : aggregationLabel(aggregatesFrom);
  return {
    apiVersion,
    kind,
    metadata: metadataOf(row),
    ...(matchLabels === undefined
      ? {}
      : { aggregationRule: { clusterRoleSelectors: [{ matchLabels }] } }),
    rules: rules?.map(ruleOf) ?? null,
  };
}

function bindingObject(kind: 'ClusterRoleBinding' | 'RoleBinding', row: BindingRow): RbacObject {
  const roleKind = kind === 'RoleBinding' ? 'Role' : 'ClusterRole';
  return {
    apiVersion,
    kind,
    metadata: metadataOf(row),
    roleRef: { apiGroup: group, kind: roleKind, name: row.role ?? row.name },
    ...(row.subjects.length === 0 ? {} : { subjects: row.subjects.map(subjectOf) }),
  };
}

function metadataOf(row: RoleRow | BindingRow): RbacObject['metadata'] {
  const aggregatesTo = 'aggregatesTo' in row ? row.aggregatesTo : undefined;
  return {
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    labels: {
      'kubernetes.io/bootstrapping': 'rbac-defaults',
      ...(aggregatesTo === undefined ? {} : aggregationLabel(aggregatesTo)),
    },
    name: row.name,
    ...(row.namespace === undefined ? {} : { namespace: row.namespace }),
  };
}

function aggregationLabel(role: string): Record<string, string> {
  return { [`${group}/aggregate-to-${role}`]: 'true' };
}

function ruleOf(row: RuleRow): PolicyRule {
  const lists = Object.entries(row).map(([field, words]) => [field, words.split(' ')] as const);
  const {
    apiGroups,
    verbs = [],
    ...rest
  }: Partial<Record<keyof PolicyRule, string[]>> = Object.fromEntries(lists);
  return {
    ...(apiGroups === undefined
      ? {}
      : { apiGroups: apiGroups.map((each) => (each === 'core' ? '' : each)) }),
    ...rest,
    verbs,
  };
}

function subjectOf(text: string): Subject {
  const [kind = '', name = ''] = text.split(' ');
  const [namespace = '', account = ''] = name.split('/');
  return kind === 'ServiceAccount'
    ? { kind, name: account, namespace }
    : { apiGroup: group, kind, name };
}
