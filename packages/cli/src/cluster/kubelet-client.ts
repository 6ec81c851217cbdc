import type { ApiServer } from '@fairway/apiserver';
import { createClient, isAlreadyExists } from '@fairway/client';
import type { Host } from '@fairway/host';
import { ClusterRoleBinding } from '@fairway/kinds/rbac/v1';

/** As whom the API server comes to kubelets, as with kubeadm. */
export const kubeletClientUser = 'kube-apiserver-kubelet-client';

/**
 * Lets that user do what the API server does at kubelets, which ask the API server about it. A binding that is
 * there stays as it is.
 */
export async function letAskKubelets(
  { clock, random }: Pick<Host, 'clock' | 'random'>,
  { handlerFor }: Pick<ApiServer, 'handlerFor'>,
): Promise<void> {
  const user = { username: 'system:apiserver', groups: ['system:masters'] };
  const client = createClient({ transport: handlerFor(user), clock, random });
  const apiGroup = 'rbac.authorization.k8s.io';
  try {
    await client.create(ClusterRoleBinding, {
      metadata: { name: 'kube-apiserver:kubelet-api-admin' },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'system:kubelet-api-admin' },
      subjects: [{ apiGroup, kind: 'User', name: kubeletClientUser }],
    });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}
