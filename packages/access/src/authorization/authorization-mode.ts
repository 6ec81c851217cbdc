import type { UserInfo } from '@fairway/protocol';
import { type Authorizer, firstAuthorizer } from './authorizer.ts';
import type { PolicyRule } from './rbac-policy.ts';

/**
 * A way to decide what users may do, as `--authorization-mode` of a kube-apiserver names them: it judges
 * one request, and tells what it can of all that somebody may do.
 */
export interface AuthorizationMode {
  readonly authorize: Authorizer;
  /** What a user may do in a namespace; at the cluster scope when it is empty. */
  readonly rulesFor: (user: UserInfo, namespace: string) => GrantedRules;
}

export interface GrantedRules {
  readonly rules: readonly PolicyRule[];
  /** What kept rules from being told, in words: a role that does not exist, say. */
  readonly errors: readonly string[];
  /** Whether more may be allowed than the rules say. */
  readonly isIncomplete?: true;
}

/** Asks each mode in turn, as `firstAuthorizer`; a user has the rules of all. */
export function firstMode(modes: readonly AuthorizationMode[]): AuthorizationMode {
  return {
    authorize: firstAuthorizer(modes.map(({ authorize }) => authorize)),
    rulesFor: (user, namespace) => {
      const granted = modes.map((mode) => mode.rulesFor(user, namespace));
      return {
        rules: granted.flatMap(({ rules }) => rules),
        errors: granted.flatMap(({ errors }) => errors),
        ...(granted.some(({ isIncomplete }) => isIncomplete) ? { isIncomplete: true } : {}),
      };
    },
  };
}

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/** Everybody may do everything. */
export const alwaysAllow: AuthorizationMode = {
  authorize: () => ({ kind: 'allow', reason: '' }),
  rulesFor: () => ({ rules: everything, errors: [] }),
};

/** Nobody may do anything that no other mode allows. */
export const alwaysDeny: AuthorizationMode = {
  authorize: () => ({ kind: 'noOpinion', reason: 'Everything is forbidden.' }),
  rulesFor: () => ({ rules: [], errors: [] }),
};
