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

/** Reads the roles and bindings of the cluster, and of one namespace, or of all when it is empty. */
export async function readPolicy(
  client: Client,
  { namespace, signal }: { readonly namespace: string; readonly signal: AbortSignal },
): Promise<VisiblePolicy> {
  const hidden: string[] = [];
  const place = namespace === '' ? { allNamespaces: true } : { namespace };
  const where = namespace === '' ? 'in all namespaces' : `in the namespace "${namespace}"`;
  const list = async <T extends KubernetesObject>(
    kind: ResourceDescriptor<T>,
  ): Promise<readonly T[]> => {
    const options = kind.isNamespaced ? { ...place, signal } : { signal };
    try {
      return (await client.list(kind, options).all()).items as readonly T[];
    } catch (error) {
      if (!isForbidden(error)) throw error;
      hidden.push(`${kind.plural} ${kind.isNamespaced ? where : 'of the cluster'}`);
      return [];
    }
  };
  const [clusterRoles, clusterRoleBindings, roles, roleBindings] = await Promise.all([
    list(rbac.ClusterRole),
    list(rbac.ClusterRoleBinding),
    list(rbac.Role),
    list(rbac.RoleBinding),
  ]);
  const policy = {
    clusterRoles: clusterRoles as readonly ClusterRole[],
    clusterRoleBindings: clusterRoleBindings as readonly RoleBinding[],
    roles: roles as readonly Role[],
    roleBindings: roleBindings as readonly RoleBinding[],
  };
  return { policy, hidden };
}
