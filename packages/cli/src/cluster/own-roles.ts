import type { ClusterRole, RoleBinding } from '@fairway/access';
import type { RbacObject } from '@fairway/apiserver';
import { joinBindings, joinClusterBindings, joinClusterRoles, joinRoles } from './join-roles.ts';

/** As whom the API server comes to kubelets, as with kubeadm. */
export const kubeletClientUser = 'kube-apiserver-kubelet-client';

/** As whom components of this process ask its API server. */
export const ownUser = { username: 'system:apiserver', groups: ['system:masters'] };

const apiGroup = 'rbac.authorization.k8s.io';

/** Kubelets ask the API server what the API server may do. */
const kubeletBinding: RoleBinding = {
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

/** The roles and bindings that a cluster has beside those of every API server. */
export const ownRoles: readonly RbacObject[] = [
  ...ofKind('ClusterRole', [metricsReader, ...joinClusterRoles]),
  ...ofKind('ClusterRoleBinding', [kubeletBinding, ...joinClusterBindings]),
  ...ofKind('Role', joinRoles),
  ...ofKind('RoleBinding', joinBindings),
];

function ofKind(
  kind: RbacObject['kind'],
  objects: readonly (ClusterRole | RoleBinding)[],
): readonly RbacObject[] {
  return objects.map((each) => ({ ...each, apiVersion: `${apiGroup}/v1`, kind }));
}
