import type { ClusterRole, RbacPolicy, Role, RoleBinding } from '@fairway/access';
import { type Client, isForbidden } from '@fairway/client';
import * as rbac from '@fairway/kinds/rbac/v1';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';

/** The roles and bindings that the caller may see, and what it may not. */
export interface VisiblePolicy {
  readonly policy: RbacPolicy;
  /** `rolebindings in the namespace "shop"` */
  readonly hidden: readonly string[];
}

/** Where roles and bindings are read, beside those of the cluster. */
export type PolicyPlace =
  | { readonly kind: 'cluster' }
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'all' };

/** Reads the roles and bindings of the cluster, and of a place in it. */
export async function readPolicy(
  client: Client,
  { place, signal }: { readonly place: PolicyPlace; readonly signal: AbortSignal },
): Promise<VisiblePolicy> {
  const hidden: string[] = [];
  const list = async <T extends KubernetesObject>(
    kind: ResourceDescriptor<T>,
    options: { readonly namespace?: string; readonly allNamespaces?: boolean },
    where: string,
  ): Promise<readonly T[]> => {
    try {
      return (await client.list(kind, { ...options, signal }).all()).items as readonly T[];
    } catch (error) {
      if (!isForbidden(error)) throw error;
      hidden.push(`${kind.plural} ${where}`);
      return [];
    }
  };
  const inPlace = async <T extends KubernetesObject>(
    kind: ResourceDescriptor<T>,
  ): Promise<readonly T[]> => {
    if (place.kind === 'cluster') return [];
    if (place.kind === 'all') return list(kind, { allNamespaces: true }, 'in all namespaces');
    return list(kind, { namespace: place.name }, `in the namespace "${place.name}"`);
  };
  const [clusterRoles, clusterRoleBindings, roles, roleBindings] = await Promise.all([
    list(rbac.ClusterRole, {}, 'of the cluster'),
    list(rbac.ClusterRoleBinding, {}, 'of the cluster'),
    inPlace(rbac.Role),
    inPlace(rbac.RoleBinding),
  ]);
  const policy = {
    clusterRoles: clusterRoles as readonly ClusterRole[],
    clusterRoleBindings: clusterRoleBindings as readonly RoleBinding[],
    roles: roles as readonly Role[],
    roleBindings: roleBindings as readonly RoleBinding[],
  };
  return { policy, hidden };
}
