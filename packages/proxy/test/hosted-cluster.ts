import { createClient } from '@fairway/client';
import type { Clock, Random } from '@fairway/host';
import { systemClock, systemRandom } from '@fairway/host/nodejs';
import { type Handler, type HttpRequest, ApiError, apiError } from '@fairway/protocol';
import type { HostedCluster } from '../src/hosts/host-road.ts';

/** What a cluster of a few lines answers to a GET of a path: an object, or an error. */
export type Answers = Record<string, object | ApiError>;

/** A cluster of objects by path, whose pods nobody may forward ports of. `asked`: every request, in order. */
export function hostedCluster(
  answers: Answers,
  { clock = systemClock, random = systemRandom }: { clock?: Clock; random?: Random } = {},
): HostedCluster & { readonly asked: string[] } {
  const asked: string[] = [];
  const answer = (request: HttpRequest): object => {
    asked.push(`${request.method} ${request.path}`);
    const found = answers[request.path] ?? apiError('NotFound', `nothing at ${request.path}`);
    if (found instanceof ApiError) throw found;
    return found;
  };
  const transport: Handler = async (request) => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(answer(request))),
  });
  const upgrade: HostedCluster['transport']['upgrade'] = async (request) => {
    answer(request);
    throw new Error('no streams here');
  };
  return {
    client: createClient({ transport, upgrade, clock, random }),
    transport: { send: transport, upgrade },
    asked,
  };
}

export const slicesPath = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
export const servicePath = '/api/v1/namespaces/default/services/web';

/** A service `web` with these ports, and pods that have them all. */
export function service(
  ports: readonly object[],
  endpoints: readonly object[] = [readyPod('web-a')],
): Answers {
  return {
    [servicePath]: { metadata: { name: 'web', namespace: 'default' }, spec: { ports } },
    [slicesPath]: {
      metadata: {},
      items: [
        {
          metadata: { name: 'web-1' },
          ports: ports.map((port, index) => ({ ...port, port: 9000 + index })),
          endpoints,
        },
      ],
    },
  };
}

export function readyPod(name: string, ready = true): object {
  return {
    addresses: ['10.0.0.1'],
    conditions: { ready },
    targetRef: { kind: 'Pod', namespace: 'default', name },
  };
}
