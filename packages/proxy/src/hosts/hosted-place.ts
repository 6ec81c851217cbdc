import { apiError, headerOf, parseProxyName } from '@fairway/protocol';
import { type Place, refusing } from '../forwarding/destination.ts';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';
import type { HostRoads } from './host-roads.ts';
import {
  type HostedName,
  hostOf,
  isHostedZone,
  parseHostedName,
  proxiedPath,
} from './hosted-name.ts';

/**
 * Services and pods by the host of a request, or only one of them. Rules about paths read it as if it had the path of
 * the API.
 */
export function hostedPlace(roads: Pick<HostRoads, 'to'>, only?: HostedName): Place {
  return (request) => {
    const host = headerOf(request.headers, 'host') ?? '';
    const name = parseHostedName(host);
    if (name === undefined) {
      return isHostedZone(host)
        ? { proxy: nobody(host), request, madeHost: 'application' }
        : undefined;
    }
    if (only !== undefined && hostOf(name) !== hostOf(only)) return undefined;
    // Links that the API server's proxy has rewritten lead to the same.
    const asked = { ...request, path: withoutProxiedPath(name, request.path) };
    return {
      proxy: roads.to(name),
      request: asked,
      judged: { ...asked, path: `${proxiedPath(name)}${asked.path}` },
      madeHost: 'application',
    };
  };
}

function withoutProxiedPath({ kind, namespace, name }: HostedName, path: string): string {
  const [, of = '', plural, id = '', rest = ''] =
    /^\/api\/v1\/namespaces\/([^/]+)\/(services|pods)\/([^/]+)\/proxy(\/.*)$/.exec(path) ?? [];
  const isSame = of === namespace && plural === `${kind}s` && parseProxyName(id)?.name === name;
  return isSame ? rest : path;
}

function nobody(host: string): Proxy {
  return refusing(() =>
    apiError(
      'NotFound',
      `no service or pod has the host ${JSON.stringify(host)}: write NAME.NAMESPACE.svc.localhost, PORT.NAME.NAMESPACE.svc.localhost or POD.NAMESPACE.pod.localhost`,
    ),
  );
}
