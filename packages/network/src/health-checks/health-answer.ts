import type { HttpResponse } from '@fairway/protocol';

/** A load balancer whose programs a node has some of, or none. */
export interface LocalPrograms {
  readonly namespace: string;
  readonly name: string;
  /** Ready ones, on this node. */
  readonly count: number;
}

/**
 * Tells a load balancer whether a node is to get packets.
 *
 * Source: kube-proxy, healthcheck of services; to the byte, as programs compare it.
 */
export function healthAnswer({ namespace, name, count }: LocalPrograms): HttpResponse {
  const body = `{
\t"service": {
\t\t"namespace": ${JSON.stringify(namespace)},
\t\t"name": ${JSON.stringify(name)}
\t},
\t"localEndpoints": ${count},
\t"serviceProxyHealthy": true
}
`;
  return {
    status: count > 0 ? 200 : 503,
    headers: {
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'x-load-balancing-endpoint-weight': String(count),
    },
    body: Buffer.from(body),
  };
}
