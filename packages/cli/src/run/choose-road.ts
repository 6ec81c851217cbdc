import type { ClusterTarget } from '@fairway/client';
import { chooseProxy } from '@fairway/client/kubeconfig';
import { CommandError } from '../command-error.ts';

/** How a program that believes it is in the cluster gets to the API. */
export interface Road {
  readonly host: string;
  readonly port: string;
  /** What is in its `ca.crt`. */
  readonly authority: string;
}

/**
 * The address of the API itself; undefined when a program that knows nothing but a host, a port and
 * a certificate authority does not get there: because of a path, another name in the certificate, a
 * proxy, several addresses, or no certificate authority of its own.
 *
 * Errors: `CommandError` for an address without TLS.
 */
export async function directRoad(
  target: ClusterTarget,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<Road | undefined> {
  const url = new URL(target.server);
  if (url.protocol !== 'https:') {
    throw new CommandError(
      `the API at ${target.server} is reached without TLS: whoever answers there acts as a user of its own, and the program would have that user's rights instead of its account's; name the https address of the cluster`,
    );
  }
  const { trust, proxyUrl } = target;
  const isPlain =
    url.pathname === '/' &&
    (target.servers?.length ?? 1) === 1 &&
    !trust.isInsecure &&
    trust.serverName === undefined &&
    proxyUrl === undefined &&
    chooseProxy(url, variables) === undefined;
  const authority = isPlain ? await trust.certificateAuthority() : undefined;
  if (authority === undefined) return undefined;
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { host, port: url.port === '' ? '443' : url.port, authority };
}
