import type { WebhookClientConfig } from '@fairway/kinds/apiextensions/v1';
import type { WebhookEndpoint } from './dial.ts';

const portDefault = 443;

/** Where a webhook is reached, and what it is asked for there. */
export interface CalledEndpoint {
  readonly endpoint: WebhookEndpoint;
  readonly path: string;
  /** For messages. */
  readonly url: string;
}

/** Reads a configuration that has been validated. Source: admissionregistration/v1 WebhookClientConfig. */
export function webhookEndpoint({ url, service, caBundle }: WebhookClientConfig): CalledEndpoint {
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
