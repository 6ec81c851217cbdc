import {
  type AuthenticatedRequest,
  type Authenticator,
  type AuthorizedRequest,
  type Authorizer,
  type Next,
  bearerTokenAuthenticator,
  clientCertificateAuthenticator,
  firstAuthenticator,
  unconditional,
  webhookAuthorizer,
  webhookTokenAuthenticator,
} from '@fairway/access';
import type { Clock } from '@fairway/host';
import { type Handler, apiError } from '@fairway/protocol';
import { segmentsOf } from './kubelet-path.ts';

/** Who asks a kubelet, and what may they. */
export interface KubeletAccess {
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
}

/** How long answers of the API server hold. Source: KubeletConfiguration, `authentication` and `authorization`. */
const tokenTtlMs = 120_000;
const authorizedTtlMs = 300_000;
const unauthorizedTtlMs = 30_000;
const timeoutMs = 10_000;

/**
 * Access as the API server has it: clients are known by their certificates or, as it says, by their tokens;
 * nobody is anonymous; and it is asked what they may do.
 *
 * `api` sends requests to it as this node.
 */
export function kubeletAccess({
  api,
  clock,
}: {
  readonly api: Handler;
  readonly clock: Clock;
}): KubeletAccess {
  const posting = (path: string): Handler => {
    return (request) => api({ ...request, path });
  };
  const tokens = webhookTokenAuthenticator({
    send: posting('/apis/authentication.k8s.io/v1/tokenreviews'),
    clock,
    version: 'v1',
    ttlMs: tokenTtlMs,
    audiences: () => [],
  });
  const { authorize } = webhookAuthorizer({
    send: posting('/apis/authorization.k8s.io/v1/subjectaccessreviews'),
    clock,
    timeoutMs,
    version: 'v1',
    authorizedTtlMs,
    unauthorizedTtlMs,
    failurePolicy: 'Deny',
    conditions: unconditional,
  });
  return {
    authenticator: firstAuthenticator([
      clientCertificateAuthenticator(clock),
      bearerTokenAuthenticator(tokens),
    ]),
    authorizer: authorize,
  };
}

/**
 * Filter: lets through what the user may do with the node whose kubelet this is.
 *
 * Errors: `ApiError` Forbidden in the words of a kubelet.
 */
export function authorizeForNode<Reply>(
  node: { readonly nodeName: string; readonly authorizer: Authorizer },
  next: Next<AuthorizedRequest, Reply>,
): Next<AuthenticatedRequest, Reply> {
  return async (request) => {
    const { user } = request;
    const verb = verbs[request.method] ?? '';
    const subresources = subresourcesOf(request.path);
    for (const subresource of subresources) {
      const decision = await node.authorizer({
        user,
        target: { ...theNode, verb, subresource, name: node.nodeName },
      });
      if (decision.kind === 'allow') return next({ ...request, decision });
      if (decision.evaluationError !== undefined) {
        throw apiError(
          'InternalError',
          `Authorization error (user=${user.username}, verb=${verb}, resource=nodes, subresource=${subresource})`,
          {},
          { detail: decision.evaluationError },
        );
      }
    }
    const asked = `user=${user.username}, verb=${verb}, resource=nodes`;
    const message = `Forbidden (${asked}, subresource(s)=[${subresources.join(' ')}])`;
    throw apiError('Forbidden', message);
  };
}

const theNode = {
  isResource: true,
  group: '',
  version: 'v1',
  plural: 'nodes',
  namespace: '',
  rest: '',
} as const;

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/**
 * What of its node a path of a kubelet is: access to any of these will do. Source: Kubernetes, kubelet
 * authorization; KEP-2862.
 */
export function subresourcesOf(path: string): readonly string[] {
  const [first = ''] = segmentsOf(path);
  return subresources.get(first) ?? ['proxy'];
}

const subresources: ReadonlyMap<string, readonly string[]> = new Map([
  ['stats', ['stats']],
  ['metrics', ['metrics']],
  ['logs', ['log']],
  ['checkpoint', ['checkpoint']],
  ['pods', ['pods', 'proxy']],
  ['runningpods', ['pods', 'proxy']],
  ['healthz', ['healthz', 'proxy']],
  ['configz', ['configz', 'proxy']],
]);
