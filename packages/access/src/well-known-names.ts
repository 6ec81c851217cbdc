/** Users and groups that Kubernetes itself gives a meaning. Source: RBAC, default subjects. */

export const anonymousUser = 'system:anonymous';
/** The group of all users that authenticated. */
export const authenticatedGroup = 'system:authenticated';
/** The group of requests without a credential. */
export const unauthenticatedGroup = 'system:unauthenticated';
/** Members may do everything; no role can take that away. */
export const mastersGroup = 'system:masters';
export const serviceAccountsGroup = 'system:serviceaccounts';

export interface ServiceAccountName {
  readonly namespace: string;
  readonly name: string;
}

/** `system:serviceaccount:kube-system:default`: the username that a service account asks with. */
export function serviceAccountUsername(account: ServiceAccountName): string {
  return `system:serviceaccount:${account.namespace}:${account.name}`;
}

/** The groups of every service account in `namespace`. */
export function serviceAccountGroups(namespace: string): readonly string[] {
  return [serviceAccountsGroup, `${serviceAccountsGroup}:${namespace}`];
}

/** The service account that a username stands for; undefined for any other user. */
export function parseServiceAccountUsername(username: string): ServiceAccountName | undefined {
  const match = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username);
  const [, namespace, name] = match ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}
