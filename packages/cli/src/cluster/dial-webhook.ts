import type { WebhookEndpoint } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { Handler, HttpResponse } from '@fairway/protocol';

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
      return closingAfter(await transport.send(request), () => transport.close());
    } catch (failure) {
      await transport.close();
      throw failure;
    }
  };
}

function closingAfter(response: HttpResponse, close: () => Promise<void>): HttpResponse {
  const { body } = response;
  return { ...response, body: readAndClose(body, close) };
}

async function* readAndClose(
  body: HttpResponse['body'],
  close: () => Promise<void>,
): AsyncGenerator<Uint8Array> {
  try {
    if (body instanceof Uint8Array) yield body;
    else if (body !== undefined) yield* body;
  } finally {
    await close();
  }
}
