import type { Clock, Files, Logger, Random } from '@fairway/host';
import { systemClock, systemRandom, nodejsFiles } from '@fairway/host/nodejs';
import { silentLogger } from '@fairway/host';
import { type Handler, apiError } from '@fairway/protocol';
import { type Listener, listen, reportErrors } from '@fairway/serving';
import { routeByPath } from '../route-by-path.ts';
import {
  type CertificateFiles,
  type WebhookCertificate,
  readCertificateFiles,
  selfMadeCertificate,
} from './webhook-certificate.ts';
export { trustWebhooks } from './trust-webhooks.ts';
export type { CertificateFiles } from './webhook-certificate.ts';

export interface ServeWebhooksOptions {
  /** By their paths: `{ '/pods': answerAdmission(…) }`. `GET /healthz` is answered beside. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /**
   * Files of a mounted secret, which are read again every minute; or the DNS names and addresses by which the
   * API reaches this server, for a certificate that is made for them: `['policy.shop.svc']`.
   */
  readonly certificate: CertificateFiles | { readonly selfMadeFor: readonly string[] };
  /** `0.0.0.0` when absent. */
  readonly host?: string;
  /** 9443 when absent; 0 picks a free one. */
  readonly port?: number;
  /** Told of what handlers throw. Silent when absent. */
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly files?: Files;
}

/** Webhooks that are served. To be disposed of. */
export interface ServedWebhooks extends AsyncDisposable {
  readonly port: number;
  /** In PEM, for the `caBundle` of configurations; undefined where files say nothing of it. */
  readonly authority: string | undefined;
}

const rereadMs = 60_000;

/**
 * Serves webhooks over TLS until it is disposed of; then running requests have ten seconds.
 *
 * Errors: `ListenError`; a `TypeError` for a file of the certificate that is not there.
 */
export async function serveWebhooks(options: ServeWebhooksOptions): Promise<ServedWebhooks> {
  const { clock = systemClock, random = systemRandom, files = nodejsFiles } = options;
  const { logger = silentLogger, host = '0.0.0.0', port = 9_443, certificate } = options;
  const read = (): Promise<WebhookCertificate> =>
    'selfMadeFor' in certificate
      ? selfMadeCertificate(certificate.selfMadeFor, { clock, random })
      : readCertificateFiles(certificate, files);
  const first = await read();
  const handler = reportErrors({ logger }, answerHealth(routeByPath(options.handlers)));
  const listener = await listen({ host, port, handler, tls: first, logger, clock });
  const isKept = !('selfMadeFor' in certificate);
  const rereading = isKept
    ? rereadCertificate(listener, { first, read, clock, logger })
    : undefined;
  const { address } = listener;
  return {
    port: 'port' in address ? address.port : port,
    authority: first.authority,
    async [Symbol.asyncDispose]() {
      rereading?.[Symbol.dispose]();
      await listener.close({ graceMs: 10_000 });
    },
  };
}

function answerHealth(next: Handler): Handler {
  return async (request) => {
    if (request.path !== '/healthz') return next(request);
    if (request.method !== 'GET') throw apiError('MethodNotAllowed', 'GET /healthz');
    return { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from('ok') };
  };
}

interface Reread {
  readonly first: WebhookCertificate;
  readonly read: () => Promise<WebhookCertificate>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What cannot be read, or does not fit, leaves the certificate before in use. */
function rereadCertificate(listener: Listener, { first, read, clock, logger }: Reread): Disposable {
  let shown = first;
  let isOver = false;
  const look = async (): Promise<void> => {
    try {
      const now = await read();
      if (now.certificate !== shown.certificate) {
        listener.replaceTls(now);
        shown = now;
      }
    } catch (error) {
      logger.warn('the certificate of webhooks was not read again', { error });
    }
    if (!isOver) timer = clock.schedule(rereadMs, () => void look());
  };
  let timer = clock.schedule(rereadMs, () => void look());
  return {
    [Symbol.dispose]: () => {
      isOver = true;
      timer.cancel();
    },
  };
}
