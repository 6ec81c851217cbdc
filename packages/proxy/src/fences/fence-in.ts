import type { HttpRequest } from '@fairway/protocol';
import type { Proxy } from '../forwarding/forward-to-cluster.ts';
import { notesOf } from '../observation/request-notes.ts';
import type { Fence } from './fences.ts';

/** The same proxy behind a fence; undefined: there is none. */
export function fenceIn(fence: Fence | undefined, cluster: Proxy): Proxy {
  if (fence === undefined) return cluster;
  const judge = (request: HttpRequest, isUpgrade: boolean): void => {
    try {
      fence(request, { isUpgrade });
    } catch (error) {
      const notes = notesOf(request);
      if (notes !== undefined) notes.refusedBy = 'fence';
      throw error;
    }
  };
  return {
    handler: async (request) => {
      judge(request, false);
      return cluster.handler(request);
    },
    upgradeHandler: async (request) => {
      judge(request, true);
      return cluster.upgradeHandler(request);
    },
  };
}
