import type { WebhookClientConfig } from '@fairway/kinds/apiextensions/v1';
import type { WebhookEndpoint } from '../calls/dial.ts';

const portDefault = 443;

/** Where the webhook of a definition is reached, and what it is asked for there. */
export function conversionEndpoint({ url, service, caBundle }: WebhookClientConfig): {
  readonly endpoint: WebhookEndpoint;
  readonly path: string;
  readonly url: string;
} {
  const trust =
    caBundle === undefined || caBundle === ''
      ? {}
      : { certificateAuthority: Buffer.from(caBundle, 'base64').toString() };
  const common = { scheme: 'https', ...trust } as const;
  if (service !== undefined) {
    const { namespace, name, path = '/', port = portDefault } = service;
    const host = `${name}.${namespace}.svc`;
    const endpoint = { ...common, host, port, service: { namespace, name } };
    return { endpoint, path, url: `https://${host}:${port}${path}` };
  }
  const parsed = new URL(url ?? '');
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = parsed.port === '' ? portDefault : Number(parsed.port);
  return { endpoint: { ...common, host, port }, path: parsed.pathname, url: url ?? '' };
}
