import type { ClusterRole, RoleBinding } from '@fairway/access';
import { clusterInfoPlace } from '@fairway/kind-rules/nodes';
import { clusterConfigurationPlace } from '../local-node/cluster-configuration.ts';

const apiGroup = 'rbac.authorization.k8s.io';

/** Of the tokens by which nodes join, unless they are made for another one. Source: kubeadm. */
export const joiningGroup = 'system:bootstrappers:kubeadm:default-node-token';
const nodesGroup = 'system:nodes';

/**
 * What machines may do that join, and nodes that have joined: under the names that kubeadm gives them. Those of
 * `fairway` are for what a node does as itself where kube-proxy, CoreDNS and network plugins have accounts.
 */
export const joinClusterRoles: readonly ClusterRole[] = [
  {
    metadata: { name: 'kubeadm:get-nodes' },
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
  },
  {
    metadata: { name: 'fairway:node-network' },
    rules: [
      { apiGroups: [''], resources: ['namespaces', 'pods'], verbs: ['list', 'watch'] },
      {
        apiGroups: ['networking.k8s.io'],
        resources: ['networkpolicies'],
        verbs: ['list', 'watch'],
      },
    ],
  },
];

const signingRequests = 'system:certificates.k8s.io:certificatesigningrequests';

export const joinClusterBindings: readonly RoleBinding[] = [
  groupMay('kubeadm:kubelet-bootstrap', 'system:node-bootstrapper', joiningGroup),
  groupMay('kubeadm:get-nodes', 'kubeadm:get-nodes', joiningGroup),
  groupMay('kubeadm:node-autoapprove-bootstrap', `${signingRequests}:nodeclient`, joiningGroup),
  groupMay(
    'kubeadm:node-autoapprove-certificate-rotation',
    `${signingRequests}:selfnodeclient`,
    nodesGroup,
  ),
  groupMay('fairway:node-proxier', 'system:node-proxier', nodesGroup),
  groupMay('fairway:node-network', 'fairway:node-network', nodesGroup),
];

function groupMay(name: string, role: string, group: string): RoleBinding {
  return {
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup, kind: 'Group', name: group }],
  };
}

const clusterInfoRole = 'kubeadm:bootstrap-signer-clusterinfo';
const configurationRole = 'kubeadm:nodes-kubeadm-config';

export const joinRoles: readonly ClusterRole[] = [
  roleToGet(clusterInfoRole, clusterInfoPlace),
  roleToGet(configurationRole, clusterConfigurationPlace),
];

interface ConfigMapPlace {
  readonly namespace: string;
  readonly name: string;
}

function roleToGet(name: string, map: ConfigMapPlace): ClusterRole {
  const { namespace } = map;
  const rule = { apiGroups: [''], resources: ['configmaps'], resourceNames: [map.name] };
  return { metadata: { name, namespace }, rules: [{ ...rule, verbs: ['get'] }] };
}

export const joinBindings: readonly RoleBinding[] = [
  {
    metadata: { name: clusterInfoRole, namespace: clusterInfoPlace.namespace },
    roleRef: { apiGroup, kind: 'Role', name: clusterInfoRole },
    subjects: [{ apiGroup, kind: 'User', name: 'system:anonymous' }],
  },
  {
    metadata: { name: configurationRole, namespace: clusterConfigurationPlace.namespace },
    roleRef: { apiGroup, kind: 'Role', name: configurationRole },
    subjects: [joiningGroup, nodesGroup].map((name) => ({ apiGroup, kind: 'Group', name })),
  },
];
