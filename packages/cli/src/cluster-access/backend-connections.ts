import type { BackendEndpoint } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { Upstream } from '@fairway/serving';
import { KeptConnections, type KeptServer, addressOf } from './kept-connections.ts';
import { type OpenPodPort, podRoad } from './pod-road.ts';
import { refuseSimulated } from './refuse-simulated.ts';

/** Backends to which connections are kept; the one asked least recently is left for another one. */
const backendsMax = 200;
/** Connections to one backend that wait for the next request. */
const idleConnectionsMax = 64;

/**
 * What of an answer waits for its caller before the backend is held back. The answer itself may take as long
 * as its caller waits for it.
 */
const waitingBytesMax = 64 * 1024;

/**
 * The ways of a server to what runs in its cluster, at addresses. Nobody is asked who certifies it, as with a
 * kube-apiserver, and no proxy of the environment comes between.
 */
export class BackendConnections implements AsyncDisposable {
  readonly #host: Pick<Host, 'clock' | 'random'>;
  readonly #openPodPort: OpenPodPort;
  readonly #kept: KeptConnections;

  constructor(
    host: Pick<Host, 'clock' | 'random'>,
    openPodPort: OpenPodPort,
    limits: { readonly backendsMax: number } = { backendsMax },
  ) {
    this.#host = host;
    this.#openPodPort = openPodPort;
    this.#kept = new KeptConnections(host, { serversMax: limits.backendsMax });
  }

  /** Errors: `ApiError` NotImplemented for a pod that is pretended. */
  dial(endpoint: BackendEndpoint): Upstream {
    const { pod } = endpoint;
    if (pod !== undefined) refuseSimulated(pod);
    return this.#kept.to(this.#serverAt(endpoint));
  }

  /** Lets running requests finish, and keeps no connection after them. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#kept[Symbol.asyncDispose]();
  }

  #serverAt(endpoint: BackendEndpoint): KeptServer {
    const server = addressOf(endpoint);
    const { place, options } = podRoad(this.#openPodPort, endpoint);
    return {
      // Another pod may have had the address before.
      key: `${server} ${place}`,
      certificateAuthority: undefined,
      options: {
        ...options,
        isRetryWanted: false,
        // HTTP/2 would hold a window of each answer that is not read.
        isHttp2Wanted: false,
        limits: { silenceMs: 0, waitingBytesMax, idleConnectionsMax },
      },
      target: async () => {
        const { explicitTarget } = await import('@fairway/client');
        const isInsecure = endpoint.scheme === 'https';
        return explicitTarget(this.#host.clock, { server, isInsecure, disableCompression: true });
      },
    };
  }
}
