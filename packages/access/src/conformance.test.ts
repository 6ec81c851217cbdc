import { Secret } from '@fairway/host';
import { ManualClock, MemoryFiles, seededRandom } from '@fairway/host/testing';
import { parseRequestTarget } from '@fairway/protocol';
import { bearerTokenAuthenticator } from './authentication/bearer-token-authenticator.ts';
import {
  describeAuthenticator,
  describeAuthorizer,
  describeTokenAuthenticator,
} from './conformance.ts';
import { privilegedGroupAuthorizer } from './authorization/privileged-group-authorizer.ts';
import { rbacAuthorizer } from './authorization/rbac-authorizer.ts';
import { indexPolicy } from './authorization/rbac-index.ts';
import { loadServiceAccountKeys } from './service-accounts/service-account-key.ts';
import { serviceAccountTokenAuthenticator } from './service-accounts/service-account-token-authenticator.ts';
import { serviceAccountTokens } from './service-accounts/service-account-tokens.ts';
import { staticTokenAuthenticator } from './authentication/static-token-authenticator.ts';

const bob = { username: 'bob', groups: [] };
const target = parseRequestTarget({ method: 'GET', path: '/api/v1/pods', query: '' });
const staticTokens = staticTokenAuthenticator([{ token: new Secret('t0ken'), user: bob }]);

describeTokenAuthenticator('staticTokenAuthenticator', () => ({
  authenticator: staticTokens,
  goodToken: 't0ken',
  audience: 'api',
}));

describeTokenAuthenticator('serviceAccountTokenAuthenticator', async () => {
  const clock = new ManualClock();
  const keys = await loadServiceAccountKeys(new MemoryFiles(), 'sa.key');
  const random = seededRandom(3);
  const tokens = serviceAccountTokens({ keys: () => keys, issuers: ['api'], clock, random });
  const { token } = await tokens.issue({
    namespace: 'x',
    serviceAccount: { name: 'sa', uid: 'u' },
    audiences: ['api'],
    lifetimeSeconds: 600,
  });
  const authenticator = serviceAccountTokenAuthenticator({
    tokens,
    clock,
    audiences: ['api'],
    findServiceAccount: () => ({ uid: 'u' }),
    findBoundObject: () => undefined,
    findTokenSecret: () => undefined,
    noteUsed: async () => {},
  });
  return { authenticator, goodToken: token.reveal(), audience: 'api' };
});

describeAuthenticator('bearerTokenAuthenticator', () => ({
  authenticator: bearerTokenAuthenticator(staticTokens),
  good: { headers: { authorization: 'Bearer t0ken' } },
  bad: [
    { headers: { authorization: 'Bearer other' } },
    { headers: { authorization: ['Bearer t0ken', 'Bearer t0ken'] } },
  ],
}));

describeAuthorizer('privilegedGroupAuthorizer', () => ({
  authorizer: privilegedGroupAuthorizer,
  allowed: { user: { username: 'admin', groups: ['system:masters'] }, target },
  refused: { user: bob, target },
}));

describeAuthorizer('rbacAuthorizer', () => {
  const subjects = [
    { kind: 'User', name: 'bob' },
    { kind: 'Group', name: 'dev' },
  ];
  const policy = {
    clusterRoles: [
      {
        metadata: { name: 'r' },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }],
      },
    ],
    clusterRoleBindings: [
      { metadata: { name: 'b' }, subjects, roleRef: { kind: 'ClusterRole', name: 'r' } },
    ],
    roles: [],
    roleBindings: [],
  };
  return {
    authorizer: rbacAuthorizer(() => indexPolicy(policy)).authorize,
    allowed: { user: bob, target },
    refused: { user: { username: 'eve', groups: ['bob'] }, target },
  };
});
