import type { UserInfo } from '@fairway/protocol';

/** Who follows services, as kube-proxy does. */
export const proxier: UserInfo = {
  username: 'system:kube-proxy',
  groups: ['system:authenticated'],
};

/** A part of the cluster, as if its administrator had brought it along. */
export const installer: UserInfo = {
  username: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
};
