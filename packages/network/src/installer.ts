import type { UserInfo } from '@fairway/protocol';

/** As whom a part of the cluster makes what its manifests would bring along: the administrator. */
export const installer: UserInfo = {
  username: 'system:apiserver',
  groups: ['system:masters', 'system:authenticated'],
};
