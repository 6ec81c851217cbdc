import type { Shown } from '@fairway/kind-rules/shown';
import {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
  type PolicyRule,
} from '@fairway/kinds/rbac/v1';
import { ruleColumns, ruleRows } from '../../access/rule-table.ts';
import { describerOf } from '../describer.ts';
import { type Lines, field, lines, section, table } from '../lines.ts';
import { clusterHeadLines } from '../metadata-lines.ts';

/** Describes what a role allows. */
export const role = describerOf<Role>({
  resource: Role,
  events: 'none',
  describe: (held) => lines(clusterHeadLines(held), ruleLines(held.rules)),
});

/** The same of a role of the whole cluster. */
export const clusterRole = describerOf<ClusterRole>({
  resource: ClusterRole,
  events: 'none',
  describe: (held) => lines(clusterHeadLines(held), ruleLines(held.rules)),
});

/** Describes who has which role. */
export const roleBinding = describerOf<RoleBinding>({
  resource: RoleBinding,
  events: 'none',
  describe: bindingLines,
});

/** The same of a role of the whole cluster. */
export const clusterRoleBinding = describerOf<ClusterRoleBinding>({
  resource: ClusterRoleBinding,
  events: 'none',
  describe: bindingLines,
});

function ruleLines(rules: readonly Shown<PolicyRule>[] = []): Lines {
  const complete = rules.map(({ verbs = [], ...rule }) => ({ verbs, ...rule }));
  return section('PolicyRule', table(ruleColumns, ruleRows(complete)));
}

function bindingLines(binding: Shown<RoleBinding | ClusterRoleBinding>): Lines {
  const { roleRef, subjects = [] } = binding;
  const rows = subjects.map(({ kind = '', name = '', namespace = '' }) => [kind, name, namespace]);
  return lines(
    clusterHeadLines(binding),
    section('Role', [field('Kind', roleRef?.kind ?? ''), field('Name', roleRef?.name ?? '')]),
    section('Subjects', table(['Kind', 'Name', 'Namespace'], rows)),
  );
}
