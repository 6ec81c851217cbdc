import type { RequestTarget, ResourceTarget } from '@fairway/protocol';
import { coversPath } from '../authorization/policy-rule.ts';

/**
 * What somebody must be allowed to do so that a request for this passes: each as RBAC is asked for it, most
 * often the target alone. Empty for a method that has no verb.
 *
 * Source: kube-apiserver 1.35, AuthorizePodWebsocketUpgradeCreatePermission.
 */
export function neededRights(target: RequestTarget): readonly RequestTarget[] {
  if (target.verb === '') return [];
  if (target.isResource && runsInPod(target) && target.verb === 'get') {
    return [target, { ...target, verb: 'create' }];
  }
  return [target];
}

/** Whether it runs something in a pod, or leads into it: what comes as a WebSocket comes by GET. */
export function runsInPod({ group, plural, subresource }: ResourceTarget): boolean {
  return group === '' && plural === 'pods' && podConnections.has(subresource);
}

const podConnections: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/**
 * Whether everybody who is authenticated has this right in a cluster, unless somebody took it away: discovery,
 * health, and what somebody asks about himself.
 *
 * Source: the roles `system:discovery`, `system:public-info-viewer` and `system:basic-user`.
 */
export function isEveryonesRight(target: RequestTarget): boolean {
  if (!target.isResource) return target.verb === 'get' && coversPath(everyonesPaths, target.path);
  const { verb, group, plural, subresource } = target;
  return verb === 'create' && subresource === '' && ownReviews.has(`${plural}.${group}`);
}

const everyonesPaths: readonly string[] = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];

const ownReviews: ReadonlySet<string> = new Set([
  'selfsubjectaccessreviews.authorization.k8s.io',
  'selfsubjectrulesreviews.authorization.k8s.io',
  'selfsubjectreviews.authentication.k8s.io',
]);
