import {
  ApiError,
  type HttpRequest,
  type RequestTarget,
  parseRequestTarget,
  readBoolean,
} from '@fairway/protocol';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';

/** What turns out about a request on its way in, for whoever tells of it when it is over. */
export interface RequestNotes {
  /** By the name of its token. */
  caller?: string;
  /** As the cluster has it. */
  target?: RequestTarget;
  /** What of the proxy has refused it. */
  refusedBy?: 'callers' | 'filter' | 'fence';
}

interface NotedRequest extends HttpRequest {
  readonly notes: RequestNotes;
}

/** The same request, of which notes are taken: those that somebody wanted before, or new ones. */
export function noted(request: HttpRequest): NotedRequest {
  return { ...request, notes: notesOf(request) ?? {} };
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

/**
 * Whether an answer goes on until somebody ends it, as far as has turned out: a watch, or a log that is followed. Not
 * what an application answers, whatever its paths look like.
 */
export function isLongRunning({
  notes: { target },
  query,
}: Pick<NotedRequest, 'notes' | 'query'>): boolean {
  if (target === undefined || !target.isResource) return false;
  const { verb, group, plural, subresource } = target;
  if (verb === 'watch') return true;
  const isLog = group === '' && plural === 'pods' && subresource === 'log';
  return isLog && readBoolean(new URLSearchParams(query), 'follow') === true;
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
