import type { WebhookEndpoint } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { Handler } from '@fairway/protocol';
import { KeptConnections, type KeptServer, addressOf } from './kept-connections.ts';
import { type OpenPodPort, podRoad } from './pod-road.ts';
import { refuseSimulated } from './refuse-simulated.ts';

/** Webhooks to which connections are kept; the one asked least recently is left for another one. */
const webhooksMax = 50;

/** The ways of a server to webhooks. To ask one twice changes nothing. */
export class WebhookConnections implements AsyncDisposable {
  readonly #host: Pick<Host, 'clock' | 'random'>;
  readonly #openPodPort: OpenPodPort;
  readonly #kept: KeptConnections;

  constructor(
    host: Pick<Host, 'clock' | 'random'>,
    openPodPort: OpenPodPort,
    limits: { readonly webhooksMax: number } = { webhooksMax },
  ) {
    this.#host = host;
    this.#openPodPort = openPodPort;
    this.#kept = new KeptConnections(host, { serversMax: limits.webhooksMax });
  }

  /** Errors: `ApiError` NotImplemented for a webhook in a pod that is pretended. */
  dial(endpoint: WebhookEndpoint): Handler {
    const pod = endpoint.backend?.pod;
    if (pod !== undefined) refuseSimulated(pod);
    return this.#kept.to(this.#serverAt(endpoint)).send;
  }

  /** Lets running requests finish, and keeps no connection after them. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#kept[Symbol.asyncDispose]();
  }

  /** What is behind a service is known by the service's name, wherever it is reached. */
  #serverAt(endpoint: WebhookEndpoint): KeptServer {
    const { host, port, certificateAuthority, backend } = endpoint;
    const { place, options } = podRoad(this.#openPodPort, backend ?? { port });
    return {
      key: [host, port, backend === undefined ? '' : addressOf(backend), place].join(' '),
      certificateAuthority,
      mayRepeatWrites: true,
      options,
      target: async () => {
        const { explicitTarget } = await import('@fairway/client');
        return explicitTarget(this.#host.clock, {
          server: addressOf(backend ?? endpoint),
          ...(backend === undefined ? {} : { serverName: host }),
          ...(certificateAuthority === undefined ? {} : { certificateAuthority }),
        });
      },
    };
  }
}
