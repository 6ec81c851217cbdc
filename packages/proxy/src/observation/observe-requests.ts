import type { Clock } from '@fairway/host';
import { ApiError, type HttpRequest, onBodyEnd, onUpgradeEnd } from '@fairway/protocol';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';
import { type RequestNotes, noted } from './request-notes.ts';

/** A request that is over: its answer was sent to the end, or its stream was closed. */
export interface ObservedRequest {
  readonly request: HttpRequest;
  readonly notes: RequestNotes;
  /** 101 for a stream. */
  readonly status: number;
  /** To the end of the answer. */
  readonly elapsedMs: number;
}

/** Told of each request, as it begins and, by what it answers then, as it ends. */
export type Observer = (request: HttpRequest) => (observed: ObservedRequest) => void;

/** The same proxy, which tells of all that it is asked; without observers it is that itself. */
export function observeRequests(
  observers: readonly Observer[],
  clock: Pick<Clock, 'elapsed'>,
  proxy: Proxy,
): Proxy {
  if (observers.length === 0) return proxy;
  const begin = (received: HttpRequest) => {
    const request = noted(received);
    const startMs = clock.elapsed();
    const endings = observers.map((observer) => observer(request));
    const end = (status: number): void => {
      const elapsedMs = clock.elapsed() - startMs;
      for (const ending of endings) ending({ request, notes: request.notes, status, elapsedMs });
    };
    return { request, end };
  };
  return {
    handler: async (received) => {
      const { request, end } = begin(received);
      const response = await proxy.handler(request).catch((error: unknown) => {
        end(statusOf(error));
        throw error;
      });
      return onBodyEnd(response, () => end(response.status));
    },
    upgradeHandler: async (received) => {
      const { request, end } = begin(received);
      const answer = await proxy.upgradeHandler(request).catch((error: unknown) => {
        end(statusOf(error));
        throw error;
      });
      const status = answer.kind === 'accepted' ? 101 : answer.response.status;
      return onUpgradeEnd(answer, () => end(status));
    },
  };
}

/** What `errorResponse` makes of it. */
function statusOf(error: unknown): number {
  return error instanceof ApiError ? error.code : 500;
}
