import { type Clock, Secret } from '@fairway/host';
import {
  anonymousCredentials,
  bearerCredential,
  type ClusterTarget,
  type Credentials,
  type Impersonation,
  unchangingCredentials,
  unchangingTrust,
} from './cluster-target.ts';
import { customCredentials, type MintedCredential } from './credentials/custom-credentials.ts';
import { holdsCertificate } from './kubeconfig/pem.ts';
import { normalizeServer } from './kubeconfig/server-address.ts';

export interface ExplicitTarget {
  /** Address of the API, or several addresses of the same one, the preferred one first. */
  readonly server: string | readonly string[];
  /** The only certificates to trust, as PEM. Absent: the system's. */
  readonly certificateAuthority?: string;
  readonly isInsecure?: boolean;
  readonly serverName?: string;
  /** Default: `default`. */
  readonly namespace?: string;
  readonly token?: string | Secret;
  /** Anything that answers credentials, or a function that gets them anew. */
  readonly credentials?: Credentials | (() => Promise<MintedCredential>);
  readonly impersonate?: Impersonation;
  readonly proxyUrl?: string | Secret;
  readonly disableCompression?: boolean;
  readonly requestTimeoutMs?: number;
}

/**
 * A cluster that the program itself describes, without any file.
 *
 * Errors: throws `TypeError` for a malformed address, a CA without a certificate, options that
 * contradict each other, and secrets for a server that is not `https:`.
 */
export function explicitTarget(clock: Clock, options: ExplicitTarget): ClusterTarget {
  const { proxyUrl, impersonate, disableCompression, requestTimeoutMs } = options;
  const [server, ...others] = addressesOf(options);
  checkTrust(options);
  return {
    server,
    ...(others.length > 0 ? { servers: [server, ...others] } : {}),
    trust: unchangingTrust(options),
    namespace: options.namespace ?? 'default',
    credentials: credentialsOf(clock, options, [server, ...others]),
    ...(impersonate === undefined ? {} : { impersonate }),
    ...(proxyUrl === undefined
      ? {}
      : { proxyUrl: typeof proxyUrl === 'string' ? new Secret(proxyUrl) : proxyUrl }),
    ...(disableCompression === undefined ? {} : { disableCompression }),
    ...(requestTimeoutMs === undefined ? {} : { requestTimeoutMs }),
    origin: 'the program',
  };
}

function addressesOf(options: ExplicitTarget): [string, ...string[]] {
  const given = typeof options.server === 'string' ? [options.server] : options.server;
  const isTls = options.certificateAuthority !== undefined || options.isInsecure === true;
  const addresses = given.map((each) => {
    const url = URL.parse(each.includes('://') ? each : `http://${each}`);
    if (url !== null && url.hostname !== '' && /^https?:$/.test(url.protocol)) {
      return normalizeServer(each, { isTls });
    }
    throw new TypeError(`server ${JSON.stringify(each)} is no http or https URL`);
  });
  const [server, ...others] = new Set(addresses);
  if (server === undefined) throw new TypeError('server: give at least one address');
  return [server, ...others];
}

function checkTrust({ certificateAuthority, isInsecure }: ExplicitTarget): void {
  if (certificateAuthority === undefined) return;
  if (isInsecure) throw new TypeError('certificateAuthority and isInsecure exclude each other');
  if (!holdsCertificate(certificateAuthority)) {
    throw new TypeError('certificateAuthority holds no PEM certificate; give the text, not a path');
  }
}

function credentialsOf(
  clock: Clock,
  { token, credentials }: ExplicitTarget,
  servers: readonly string[],
): Credentials {
  if (token === undefined && credentials === undefined) return anonymousCredentials;
  const clear = servers.find((each) => !each.startsWith('https:'));
  if (clear !== undefined) {
    throw new TypeError(`credentials would go to ${clear} in the clear; use an https address`);
  }
  if (token !== undefined) {
    if (credentials === undefined) return unchangingCredentials(bearerCredential(token));
    throw new TypeError('token and credentials exclude each other; give one');
  }
  if (typeof credentials === 'function') return customCredentials(clock, credentials);
  return credentials ?? anonymousCredentials;
}
