import {
  ApiError,
  type HttpRequest,
  type RequestTarget,
  parseRequestTarget,
} from '@fairway/protocol';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';

/** What turns out about a request on its way in, for whoever tells of it when it is over. */
export interface RequestNotes {
  /** By the name of its token. */
  caller?: string;
  /** As the cluster has it. */
  target?: RequestTarget;
  /** What of the proxy has refused it. */
  refusedBy?: 'callers' | 'fence';
}

interface NotedRequest extends HttpRequest {
  readonly notes: RequestNotes;
}

/** A request of which notes are taken. */
export function noted(request: HttpRequest): NotedRequest {
  return { ...request, notes: {} };
}

/** The notes of a request; undefined when nobody wants them. */
export function notesOf(request: HttpRequest): RequestNotes | undefined {
  return 'notes' in request ? (request as NotedRequest).notes : undefined;
}

/** The same proxy, which notes what requests are aimed at. */
export function noteTargets(cluster: Proxy): Proxy {
  const note = (request: HttpRequest): void => {
    const notes = notesOf(request);
    if (notes === undefined) return;
    const target = readableTarget(request);
    if (target !== undefined) notes.target = target;
  };
  return {
    handler: (request) => {
      note(request);
      return cluster.handler(request);
    },
    upgradeHandler: (request) => {
      note(request);
      return cluster.upgradeHandler(request);
    },
  };
}

/** What a request is aimed at; undefined when that cannot be read, which the cluster refuses. */
export function readableTarget(request: HttpRequest): RequestTarget | undefined {
  try {
    return parseRequestTarget(request);
  } catch (error) {
    if (error instanceof ApiError) return undefined;
    throw error;
  }
}
