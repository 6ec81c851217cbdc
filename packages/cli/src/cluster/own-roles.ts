import type { ApiServer } from '@fairway/apiserver';
import { createClient, isAlreadyExists } from '@fairway/client';
import type { Host } from '@fairway/host';
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '@fairway/kinds/rbac/v1';
import { joinBindings, joinClusterBindings, joinClusterRoles, joinRoles } from './join-roles.ts';

/** As whom the API server comes to kubelets, as with kubeadm. */
export const kubeletClientUser = 'kube-apiserver-kubelet-client';

/** As whom components of this process ask its API server. */
export const ownUser = { username: 'system:apiserver', groups: ['system:masters'] };

const apiGroup = 'rbac.authorization.k8s.io';

/** Kubelets ask the API server what the API server may do. */
const kubeletBinding: ClusterRoleBinding = {
  metadata: { name: 'kube-apiserver:kubelet-api-admin' },
  roleRef: { apiGroup, kind: 'ClusterRole', name: 'system:kubelet-api-admin' },
  subjects: [{ apiGroup, kind: 'User', name: kubeletClientUser }],
};

/** Who may see what there is may see what it uses. Source: metrics-server. */
const metricsReader: ClusterRole = {
  metadata: {
    name: 'system:aggregated-metrics-reader',
    labels: {
      'rbac.authorization.k8s.io/aggregate-to-admin': 'true',
      'rbac.authorization.k8s.io/aggregate-to-edit': 'true',
      'rbac.authorization.k8s.io/aggregate-to-view': 'true',
    },
  },
  rules: [
    {
      apiGroups: ['metrics.k8s.io'],
      resources: ['pods', 'nodes'],
      verbs: ['get', 'list', 'watch'],
    },
  ],
};

/**
 * Makes the roles and bindings that a cluster has beside those of every API server. What is there already stays
 * as it is.
 */
export async function makeOwnRoles(
  { clock, random }: Pick<Host, 'clock' | 'random'>,
  { handlerFor }: Pick<ApiServer, 'handlerFor'>,
): Promise<void> {
  const client = createClient({ transport: handlerFor(ownUser), clock, random });
  const creating = [
    ...[metricsReader, ...joinClusterRoles].map((each) => client.create(ClusterRole, each)),
    ...[kubeletBinding, ...joinClusterBindings].map((each) =>
      client.create(ClusterRoleBinding, each),
    ),
    ...joinRoles.map((each) => client.create(Role, each)),
    ...joinBindings.map((each) => client.create(RoleBinding, each)),
  ];
  await Promise.all(creating.map(unlessThere));
}

async function unlessThere(creating: Promise<unknown>): Promise<void> {
  try {
    await creating;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
