import type { WebhookEndpoint } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { Handler } from '@fairway/protocol';
import { onBodyEnd } from '@fairway/serving';

/**
 * The way of `fairway up` to a webhook: over TLS, with a connection for each request, and no proxy. Throws
 * for a webhook behind a service, since nothing leads there before this cluster has a service network.
 */
export function dialWebhook(
  { clock, random }: Pick<Host, 'clock' | 'random'>,
  { scheme, host, port, service, certificateAuthority }: WebhookEndpoint,
): Handler {
  if (service !== undefined) {
    const name = `${service.namespace}/${service.name}`;
    const why = `no service network leads to service ${name} yet`;
    throw new Error(`${why}; give the webhook a clientConfig.url (docs/gaps.md)`);
  }
  return async (request) => {
    const [{ explicitTarget }, { buildTransport }] = await Promise.all([
      import('@fairway/client'),
      import('@fairway/client/connect'),
    ]);
    const server = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
    const trust = certificateAuthority === undefined ? {} : { certificateAuthority };
    const target = explicitTarget(clock, { server, ...trust });
    const transport = buildTransport(target, { clock, random });
    try {
      return onBodyEnd(await transport.send(request), () => void transport.close());
    } catch (failure) {
      await transport.close();
      throw failure;
    }
  };
}
