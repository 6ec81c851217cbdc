import { type Clock, type Logger, type Random, messageOf } from '@fairway/host';
import { Node } from '@fairway/kinds/core/v1';
import {
  type Informers,
  informerSource,
  leanInformer,
  requeueAfter,
  runReconcileLoop,
} from '@fairway/reconcile';
import type { IpRoutes } from './ip-routes.ts';
import { wantedRoutes } from './wanted-routes.ts';

/** How soon a route is there again that somebody else has taken away, or that nobody took before. */
const lookEveryMs = 10_000;

export interface PodRoutesParts {
  readonly informers: Informers;
  readonly nodeName: string;
  /** Of all pods of the cluster. */
  readonly clusterCidr: string;
  readonly routes: IpRoutes;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Has addresses of pods on other nodes lead to these, as far as they are neighbours, until the signal aborts, and
 * leaves it so. What others have routed stays.
 */
export async function keepPodRoutes(parts: PodRoutesParts, signal: AbortSignal): Promise<void> {
  const { informers, clusterCidr, routes, clock, random, logger } = parts;
  const nodes = leanInformer(informers, Node);
  const everything = (): readonly string[] => ['routes'];
  /** Why a route was not taken, so that it is told once. */
  const told = new Map<string, string>();
  // An agent that was killed may have left some; later a node that is alone need not look.
  let mayHold = true;
  await runReconcileLoop(
    {
      name: 'pod-routes',
      clock,
      random,
      logger,
      sources: [informerSource(nodes, everything)],
      firstKeys: everything(),
      async reconcile() {
        const wanted = wantedRoutes(nodes.objects(), parts);
        if (wanted.size === 0 && !mayHold) return undefined;
        const held = await routes.list(clusterCidr);
        const gone = [...held.keys()].filter((network) => !wanted.has(network));
        for (const network of gone) await routes.remove(network);
        for (const route of wanted) {
          if (held.get(route[0]) !== route[1]) await putRoute(parts, route, told);
        }
        mayHold = wanted.size > 0;
        return requeueAfter(lookEveryMs);
      },
    },
    signal,
  );
}

/** Takes all of them away. Errors: `RouteError`. */
export async function removeRoutes(routes: IpRoutes, clusterCidr: string): Promise<void> {
  for (const network of (await routes.list(clusterCidr)).keys()) await routes.remove(network);
}

async function putRoute(
  { routes, logger }: PodRoutesParts,
  [network, gateway]: readonly [string, string],
  told: Map<string, string>,
): Promise<void> {
  try {
    await routes.put(network, gateway);
    told.delete(network);
  } catch (error) {
    const why = messageOf(error);
    if (told.get(network) !== why) {
      const remedy = 'nodes have to be in one network, or routers between them know where pods are';
      logger.warn('pods of another node are not reached', { network, gateway, error, remedy });
    }
    told.set(network, why);
  }
}
