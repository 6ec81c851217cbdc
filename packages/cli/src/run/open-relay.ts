import { addressesOf, anonymousCredentials, type ClusterTarget } from '@fairway/client';
import { buildTransport } from '@fairway/client/connect';
import { DisposalStack, type Host } from '@fairway/host';
import { createProxy } from '@fairway/proxy';
import { issueCertificate, makeCertificateAuthority } from '@fairway/certificates';
import { listen } from '@fairway/serving';
import { lineLogger } from '../output/line-logger.ts';
import type { Output } from '../output/output.ts';
import { productVersion } from '../product-version.ts';
import type { Road } from './choose-road.ts';

/** Names that programs in a cluster have for the API, and the address of the relay. */
const names = [
  '127.0.0.1',
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];
const keepAliveMs = 15_000;

/**
 * Listens on this machine with a certificate authority of its own, and passes on what comes, with the
 * credentials of the caller and no others, on the road that the kubeconfig describes.
 */
export async function openRelay(
  { host, output }: { readonly host: Host; readonly output: Output },
  target: ClusterTarget,
): Promise<Road & AsyncDisposable> {
  const { clock, random } = host;
  const { impersonate: _, ...road } = target;
  const stack = new DisposalStack();
  const transport = stack.use(
    buildTransport(
      { ...road, credentials: anonymousCredentials, disableCompression: true },
      {
        clock,
        random,
        variables: host.environment.variables,
        isRetryWanted: false,
        userAgent: `fairway/${productVersion}`,
      },
    ),
  );
  const subject = { commonName: 'fairway run', organizations: [] };
  const authority = await makeCertificateAuthority({ subject, clock, random });
  const use = { kind: 'server', names } as const;
  const tls = await issueCertificate(authority, use, { subject, clock, random });
  const logger = lineLogger(output, clock);
  const { handler, upgradeHandler } = createProxy({
    transport,
    servers: addressesOf(target),
    rules: undefined,
    apiPrefix: '/',
    mayImpersonate: true,
    areCallersKnown: true,
    keepAliveMs,
    logger,
  });
  const listener = stack.use(
    await listen({ host: '127.0.0.1', port: 0, tls, handler, upgradeHandler, logger, clock }),
  );
  const { port } = new URL(listener.url);
  return {
    host: '127.0.0.1',
    port,
    authority: authority.certificate,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}
