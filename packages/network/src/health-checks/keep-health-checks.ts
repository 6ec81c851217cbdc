import type { Clock, Logger, Random } from '@fairway/host';
import { Service } from '@fairway/kinds/core/v1';
import { EndpointSlice } from '@fairway/kinds/discovery/v1';
import type { DeepReadonly, Handler } from '@fairway/protocol';
import {
  type Informers,
  informerSource,
  keyOf,
  leanInformer,
  parseKey,
  runReconcileLoop,
} from '@fairway/reconcile';
import { listen } from '@fairway/serving';
import { endpointsOf, isReady, slicesByService } from '../service-slices.ts';
import { healthAnswer } from './health-answer.ts';

export interface HealthChecksParts {
  readonly informers: Informers;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Listens on a port of every address of the machine when absent. Errors: where it is not to be had. */
  readonly open?: (port: number, handler: Handler) => Promise<AsyncDisposable>;
}

/** What answers on the port of a service. */
interface OpenPort {
  readonly port: number;
  readonly listener: AsyncDisposable;
}

/**
 * Answers load balancers that ask whether this node has programs of a service, on its `healthCheckNodePort`,
 * until the signal aborts.
 */
export async function keepHealthChecks(
  parts: HealthChecksParts,
  signal: AbortSignal,
): Promise<void> {
  const { informers, clock, random, logger, nodeName } = parts;
  const { open = (port: number, handler: Handler) => listenOn(port, handler, parts) } = parts;
  const services = leanInformer(informers, Service);
  const slices = leanInformer(informers, EndpointSlice);
  const slicesOf = slicesByService(slices);
  const opened = new Map<string, OpenPort>();
  const close = async (key: string): Promise<void> => {
    const held = opened.get(key);
    opened.delete(key);
    await held?.listener[Symbol.asyncDispose]();
  };
  const count = (key: string): number => localAddresses(slicesOf(key), nodeName).size;
  try {
    await runReconcileLoop(
      {
        name: 'health-checks',
        clock,
        random,
        logger,
        sources: [informerSource(services, ({ object }) => [keyOf(object)])],
        async reconcile(key) {
          const port = healthCheckPort(services.get(key));
          if (opened.get(key)?.port === port) return;
          await close(key);
          if (port === undefined) return;
          const handler: Handler = async () =>
            healthAnswer({ ...parseKey(key), count: count(key) });
          opened.set(key, { port, listener: await open(port, handler) });
        },
      },
      signal,
    );
  } finally {
    await Promise.all([...opened.keys()].map(close));
  }
}

function healthCheckPort(service: DeepReadonly<Service> | undefined): number | undefined {
  const { type, externalTrafficPolicy, healthCheckNodePort = 0 } = service?.spec ?? {};
  const isAsked = type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
  return isAsked && healthCheckNodePort > 0 ? healthCheckNodePort : undefined;
}

/** Of the programs of a service that are ready on a node. */
function localAddresses(
  slices: readonly DeepReadonly<EndpointSlice>[],
  nodeName: string,
): ReadonlySet<string> {
  const local = slices
    .flatMap(endpointsOf)
    .filter((each) => each.nodeName === nodeName && isReady(each));
  return new Set(local.flatMap(({ addresses: [address = ''] }) => address));
}

function listenOn(
  port: number,
  handler: Handler,
  { clock, logger }: HealthChecksParts,
): Promise<AsyncDisposable> {
  return listen({ host: '0.0.0.0', port, handler, clock, logger, limits: { connectionsMax: 100 } });
}
