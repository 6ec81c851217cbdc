import type { BackendEndpoint, Dial, WebhookEndpoint } from '../calls/dial.ts';
import { type ServiceAddressParts, serviceAddresses } from './service-addresses.ts';

type WayToWebhooks = NonNullable<Dial['webhook']>;

/** The ways out, of which that to webhooks finds those behind services too. */
export function dialThrough({ dial, ...parts }: ServiceAddressParts & { readonly dial?: Dial }): {
  readonly dial?: Dial;
} {
  if (dial?.webhook === undefined) return dial === undefined ? {} : { dial };
  return { dial: { ...dial, webhook: throughServices(dial.webhook, parts) } };
}

/**
 * A way to webhooks that finds those behind services: one of the ready endpoints, whatever it is, since the webhook
 * is known by its certificate. The handlers throw an `Error` in the words of a kube-apiserver for a service that
 * leads nowhere. Source: kube-apiserver, `--enable-aggregator-routing`.
 */
function throughServices(webhook: WayToWebhooks, parts: ServiceAddressParts): WayToWebhooks {
  return (endpoint) => {
    const { service } = endpoint;
    if (service === undefined) return webhook(endpoint);
    return async (request) => {
      const backend = await backendOf(service, endpoint, parts);
      return webhook({ ...endpoint, backend })(request);
    };
  };
}

async function backendOf(
  { namespace, name }: NonNullable<WebhookEndpoint['service']>,
  { port }: WebhookEndpoint,
  parts: ServiceAddressParts,
): Promise<BackendEndpoint> {
  const { value } = await serviceAddresses(parts, { namespace, name, port }).next();
  if (value === undefined) throw new Error(`service ${JSON.stringify(name)} leads nowhere`);
  return value;
}
