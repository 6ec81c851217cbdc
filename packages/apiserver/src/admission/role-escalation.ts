import {
  type EscalationGuard,
  type PolicyRule,
  type RoleRef,
  type RoleWrite,
  checkBindingWrite,
  checkRoleWrite,
} from '@fairway/access';
import { equalsJson, type KubernetesObject } from '@fairway/protocol';
import type { AdmissionPlugin, AdmissionRequest } from './admission-plugin.ts';
import type { ClusterReader } from '../reads/cluster-reader.ts';

/** As the caller sent it, not validated yet. */
interface Role extends KubernetesObject {
  readonly rules?: readonly Partial<PolicyRule>[];
  readonly aggregationRule?: object;
}

interface Binding extends KubernetesObject {
  readonly roleRef: RoleRef;
}

/**
 * Refuses to write or bind a role that grants more than the writer has. Source: Kubernetes RBAC,
 * "Privilege escalation prevention and bootstrapping".
 */
export function roleEscalation(guard: EscalationGuard, cluster: ClusterReader): AdmissionPlugin {
  return {
    name: 'RoleEscalation',
    operations: ['CREATE', 'UPDATE'],
    resources: plurals.map((plural) => `${group}/${plural}`),
    async admit(request) {
      const { stored } = request;
      const draft = request.draft as KubernetesObject;
      if (stored !== undefined && isForCollectionOnly(draft, stored)) return;
      const write = writeOf(request);
      if (isRole(write)) return checkRoleWrite(guard, write, rulesOf(draft, stored));
      const { roleRef } = draft as Binding;
      const role = await findRole(cluster, write, roleRef);
      const rules = role === undefined ? undefined : completeRules(role);
      return checkBindingWrite(guard, write, { roleRef, rules });
    },
  };
}

const group = 'rbac.authorization.k8s.io';
const plurals = ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'];

function writeOf({ user, resource, namespace, name }: AdmissionRequest): RoleWrite {
  return { user, plural: resource.plural as RoleWrite['plural'], namespace, name };
}

function isRole({ plural }: RoleWrite): boolean {
  return plural === 'roles' || plural === 'clusterroles';
}

const everything: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/**
 * A role with an aggregation rule may come to grant everything, and one that loses its rule keeps
 * what it had collected.
 */
function rulesOf(role: Role, stored: Role = {}): readonly PolicyRule[] {
  const isAggregated = (role.aggregationRule ?? stored.aggregationRule) !== undefined;
  return isAggregated ? everything : completeRules(role);
}

function completeRules({ rules }: Role): readonly PolicyRule[] {
  return (rules ?? []).map((rule) => ({ ...rule, verbs: rule.verbs ?? [] }));
}

async function findRole(
  cluster: ClusterReader,
  { namespace }: RoleWrite,
  { kind, name }: RoleRef,
): Promise<Role | undefined> {
  if (kind === 'ClusterRole') return cluster.find<Role>(group, 'clusterroles', { name });
  return cluster.find<Role>(group, 'roles', { namespace, name });
}

/**
 * The garbage collector may remove its finalizers and owner references from roles that grant more
 * than it has.
 */
function isForCollectionOnly(draft: KubernetesObject, stored: KubernetesObject): boolean {
  return equalsJson(withoutMarks(draft), withoutMarks(stored));
}

function withoutMarks({ metadata, ...rest }: KubernetesObject): object {
  const { ownerReferences: _, finalizers: __, resourceVersion: ___, ...kept } = metadata ?? {};
  return { ...rest, metadata: kept };
}
