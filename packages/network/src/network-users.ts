import type { UserInfo } from '@fairway/protocol';

/** Who follows services, as kube-proxy does. */
export const proxier: UserInfo = {
  username: 'system:kube-proxy',
  groups: ['system:authenticated'],
};

/** Who brings along what a cluster need not have: its names, ingresses and policies. */
export const administrator: UserInfo = {
  username: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
};
