import { X509Certificate } from 'node:crypto';
import type { Clock } from '@fairway/host';
import type { UserInfo } from '@fairway/protocol';
import { type Authenticator, rejected, unrecognised } from './authenticator.ts';

/**
 * Authenticates by the client certificate of the connection: the common name is the username, each
 * organization a group.
 *
 * Whether a client CA signed it was found out at the handshake; that it has not expired since is
 * asked at each request.
 * Source: RFC 5280; Kubernetes authentication, X.509 client certificates.
 */
export function clientCertificateAuthenticator(clock: Clock): Authenticator {
  // A connection hands out the same bytes with every request, and they are read once.
  const known = new WeakMap<Uint8Array, ClientCertificate>();
  return async ({ peer }) => {
    if (peer?.certificate === undefined) return unrecognised;
    if (peer.isCertificateTrusted !== true) {
      return rejected('the client certificate is not signed by a client CA of this server');
    }
    const certificate = known.get(peer.certificate) ?? readClientCertificate(peer.certificate);
    known.set(peer.certificate, certificate);
    if (certificate.kind === 'unfit') return rejected(certificate.why);
    const now = clock.now();
    if (now < certificate.validFromMs) return rejected('the client certificate is not valid yet');
    if (now > certificate.validToMs) return rejected('the client certificate has expired');
    return { kind: 'authenticated', user: certificate.user };
  };
}

type ClientCertificate =
  | {
      readonly kind: 'fit';
      readonly user: UserInfo;
      readonly validFromMs: number;
      readonly validToMs: number;
    }
  | { readonly kind: 'unfit'; readonly why: string };

const clientAuthUsage = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';

function readClientCertificate(der: Uint8Array): ClientCertificate {
  const certificate = new X509Certificate(der);
  // Node.js types this as always there; a certificate without the extension has none.
  const usages: readonly string[] | undefined = certificate.keyUsage;
  if (usages !== undefined && !usages.includes(clientAuthUsage) && !usages.includes(anyUsage)) {
    return { kind: 'unfit', why: 'the client certificate is not meant for client authentication' };
  }
  const { subject } = certificate.toLegacyObject();
  const [username, ...more] = valuesOf(subject.CN);
  if (username === undefined || username === '' || more.length > 0) {
    return { kind: 'unfit', why: 'the client certificate does not have exactly one common name' };
  }
  const digest = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  return {
    kind: 'fit',
    user: {
      username,
      groups: valuesOf(subject.O),
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${digest}`] },
    },
    validFromMs: Date.parse(certificate.validFrom),
    validToMs: Date.parse(certificate.validTo),
  };
}

function valuesOf(attribute: string | readonly string[] | undefined): readonly string[] {
  if (attribute === undefined) return [];
  return typeof attribute === 'string' ? [attribute] : attribute;
}
