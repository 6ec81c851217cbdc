import type { ExtensionEndpoint } from '@fairway/apiserver';
import type { CertifiedKey } from '@fairway/certificates';
import type { Host } from '@fairway/host';
import type { Upstream } from '@fairway/serving';
import { KeptConnections, type KeptServer, addressOf } from './kept-connections.ts';
import { type OpenPodPort, podRoad } from './pod-road.ts';
import { refuseSimulated } from './refuse-simulated.ts';

/** Servers to which connections are kept; the one asked least recently is left for another one. */
const serversMax = 100;
/** What of an answer waits for its caller before the server is held back. */
const waitingBytesMax = 64 * 1024;

/**
 * The ways of a server to the servers behind APIServices. It knows them by the name of their service, and
 * shows who it is, so that they believe what it says of its callers.
 */
export class ExtensionConnections implements AsyncDisposable {
  readonly #host: Pick<Host, 'clock' | 'random'>;
  readonly #openPodPort: OpenPodPort;
  readonly #client: CertifiedKey | undefined;
  readonly #kept: KeptConnections;

  /** Without `client` it comes as nobody, and is believed nothing. */
  constructor(
    host: Pick<Host, 'clock' | 'random'>,
    openPodPort: OpenPodPort,
    client: CertifiedKey | undefined,
  ) {
    this.#host = host;
    this.#openPodPort = openPodPort;
    this.#client = client;
    this.#kept = new KeptConnections(host, { serversMax });
  }

  /** Errors: `ApiError` NotImplemented for a pod that is pretended. */
  dial(endpoint: ExtensionEndpoint): Upstream {
    if (endpoint.pod !== undefined) refuseSimulated(endpoint.pod);
    return this.#kept.to(this.#serverAt(endpoint));
  }

  /** Lets running requests finish, and keeps no connection after them. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#kept[Symbol.asyncDispose]();
  }

  #serverAt(endpoint: ExtensionEndpoint): KeptServer {
    const server = addressOf(endpoint);
    const { serverName, certificateAuthority, isInsecure } = endpoint;
    const { place, options } = podRoad(this.#openPodPort, endpoint);
    const isTrusted = isInsecure || certificateAuthority === undefined;
    const trust = isTrusted ? { isInsecure } : { certificateAuthority };
    return {
      // Another service, or pod, may have had the address before.
      key: `${server} ${serverName} ${isInsecure ? 'insecure' : ''} ${place}`,
      certificateAuthority,
      options: {
        ...options,
        isRetryWanted: false,
        limits: { silenceMs: 0, waitingBytesMax },
      },
      target: async () => {
        const { explicitTarget, unchangingCredentials } = await import('@fairway/client');
        const client = this.#client;
        return explicitTarget(this.#host.clock, {
          server,
          serverName,
          ...trust,
          disableCompression: true,
          ...(client && { credentials: unchangingCredentials({ clientCertificate: client }) }),
        });
      },
    };
  }
}
