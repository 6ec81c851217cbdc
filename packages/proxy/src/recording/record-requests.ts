import type { AnsweredRequest } from '@fairway/access';
import type { HttpRequest } from '@fairway/protocol';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';
import { notesOf, readableTarget } from '../observation/request-notes.ts';

export interface RecordingProxyOptions {
  /** Told of each request that the cluster has answered; absent: nobody is. */
  readonly onAnswered?: ((request: AnsweredRequest) => void) | undefined;
  readonly mayImpersonate: boolean;
}

/** The same proxy, which tells what its cluster was asked for and how it answered. */
export function recordRequests(
  { onAnswered, mayImpersonate }: RecordingProxyOptions,
  cluster: Proxy,
): Proxy {
  if (onAnswered === undefined) return cluster;
  const record = (request: HttpRequest, status: number): void => {
    // The rights of somebody else are no rights of the proxy's user.
    if (mayImpersonate && request.headers['impersonate-user'] !== undefined) return;
    const target = notesOf(request)?.target ?? readableTarget(request);
    if (target !== undefined) onAnswered({ target, status });
  };
  return {
    handler: async (request) => {
      const response = await cluster.handler(request);
      record(request, response.status);
      return response;
    },
    upgradeHandler: async (request) => {
      const answer = await cluster.upgradeHandler(request);
      record(request, answer.kind === 'refused' ? answer.response.status : 101);
      return answer;
    },
  };
}
