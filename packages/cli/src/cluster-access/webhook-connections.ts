import type { WebhookEndpoint } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { Handler } from '@fairway/protocol';
import { KeptConnections, addressOf } from './kept-connections.ts';

/** Webhooks to which connections are kept; the one asked least recently is left for another one. */
const webhooksMax = 50;

/** The ways of a server to webhooks. To ask one twice changes nothing. */
export class WebhookConnections implements AsyncDisposable {
  readonly #host: Pick<Host, 'clock' | 'random'>;
  readonly #kept: KeptConnections;

  constructor(
    host: Pick<Host, 'clock' | 'random'>,
    limits: { readonly webhooksMax: number } = { webhooksMax },
  ) {
    this.#host = host;
    this.#kept = new KeptConnections(host, { serversMax: limits.webhooksMax });
  }

  /** Throws for a webhook behind a service. */
  dial(endpoint: WebhookEndpoint): Handler {
    const { service, host, port, certificateAuthority } = endpoint;
    if (service !== undefined) {
      const name = `${service.namespace}/${service.name}`;
      const why = `no way leads from the API server to service ${name} yet`;
      throw new Error(`${why}; give the webhook a clientConfig.url (docs/gaps.md)`);
    }
    const trust = certificateAuthority === undefined ? {} : { certificateAuthority };
    const { send } = this.#kept.to({
      key: `${host} ${port}`,
      certificateAuthority,
      mayRepeatWrites: true,
      target: async () => {
        const { explicitTarget } = await import('@fairway/client');
        return explicitTarget(this.#host.clock, { server: addressOf(endpoint), ...trust });
      },
    });
    return send;
  }

  /** Lets running requests finish, and keeps no connection after them. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#kept[Symbol.asyncDispose]();
  }
}
