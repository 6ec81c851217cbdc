import { Secret } from '@fairway/host';

/**
 * Where a cluster is, how to know that it is the right one, and who we are to it.
 *
 * Everything before this knows kubeconfig files and service accounts; everything after it does not.
 */
export interface ClusterTarget {
  /** `http:` or `https:` URL without a trailing slash, query or fragment; a path is a prefix of every request. */
  readonly server: string;
  /** Every address of the same cluster, `server` first. Absent: there is only `server`. */
  readonly servers?: readonly string[];
  readonly trust: TrustSource;
  /** What a call works in that names no namespace. */
  readonly namespace: string;
  /** Proves nothing for an `http:` server: what is sent in the clear carries no secret. */
  readonly credentials: Credentials;
  readonly impersonate?: Impersonation;
  /** `http:`, `https:` or `socks5:` URL, secret since it may hold a password. Absent: the environment's proxies count. */
  readonly proxyUrl?: Secret;
  readonly disableCompression?: boolean;
  /** Bound on one request with all its attempts, watches excepted. Absent: not bounded. */
  readonly requestTimeoutMs?: number;
  /** Where this was found, for messages: `context "dev" in /home/a/.kube/config`. */
  readonly origin: string;
}

/** How the server proves that it is the right one. */
export interface TrustSource {
  /** True: any certificate will do, and `certificateAuthority` answers undefined. */
  readonly isInsecure: boolean;
  /** Name to ask for (SNI) and to verify, instead of the host of the URL. */
  readonly serverName?: string;
  /**
   * The only certificates to trust, as PEM; undefined: the system's.
   *
   * Ask before every request: files are looked at again when they are due, and the very same
   * string comes back as long as nothing changed.
   */
  certificateAuthority(): Promise<string | undefined>;
}

/** Who we are, as something that can change between two requests. */
export interface Credentials {
  /**
   * What to send with the next request.
   *
   * Shape: the very same object as long as nothing changed, so `===` tells whether it did. A new
   * `clientCertificate` object means that open connections still prove the old identity.
   * Errors: throws with the cause and the remedy when nothing usable can be had.
   */
  current(): Promise<Credential>;
  /**
   * Says that the server answered 401 to this credential. The next `current()` tries to get
   * another one; if it answers the same object there is none, and repeating the request is no use.
   * Has no effect when the credential has been replaced already.
   */
  invalidate(credential: Credential): void;
}

export interface Credential {
  /** The whole value of the Authorization header. */
  readonly authorization?: Secret;
  readonly clientCertificate?: ClientCertificate;
  /** Unit: milliseconds since 1970. Absent: until the server says 401. */
  readonly expiresMs?: number;
}

/** Both as PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: Secret;
}

/** Acting as somebody else. Source: API concepts, "User impersonation". */
export interface Impersonation {
  readonly user: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** The same credential for ever. */
export function unchangingCredentials(credential: Credential): Credentials {
  return { current: async () => credential, invalidate() {} };
}

/** Proves nothing: the server sees `system:anonymous`. */
export const anonymousCredentials: Credentials = unchangingCredentials({});

/** Trust in the given PEM, or in the system's authorities without one, for ever. */
export function unchangingTrust(
  options: { certificateAuthority?: string; serverName?: string; isInsecure?: boolean } = {},
): TrustSource {
  const { certificateAuthority, serverName, isInsecure = false } = options;
  return {
    isInsecure,
    ...(serverName === undefined ? {} : { serverName }),
    certificateAuthority: async () => certificateAuthority,
  };
}

/** The credential that a bearer token makes. */
export function bearerCredential(token: string | Secret, expiresMs?: number): Credential {
  const value = typeof token === 'string' ? token : token.reveal();
  return {
    authorization: new Secret(`Bearer ${value}`),
    ...(expiresMs === undefined ? {} : { expiresMs }),
  };
}

/** Every address of a cluster, once. */
export function addressesOf({ server, servers = [] }: ClusterTarget): readonly string[] {
  return [...new Set([server, ...servers])];
}
