import type { Proxy } from '../forwarding/forward-to-cluster.ts';
import type { Fence } from './fences.ts';

/** The same proxy behind a fence; undefined: there is none. */
export function fenceIn(fence: Fence | undefined, cluster: Proxy): Proxy {
  if (fence === undefined) return cluster;
  return {
    handler: async (request) => {
      fence(request, { isUpgrade: false });
      return cluster.handler(request);
    },
    upgradeHandler: async (request) => {
      fence(request, { isUpgrade: true });
      return cluster.upgradeHandler(request);
    },
  };
}
