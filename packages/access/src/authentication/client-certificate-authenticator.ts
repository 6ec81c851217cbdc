import { X509Certificate } from 'node:crypto';
import type { Clock } from '@fairway/host';
import type { UserInfo } from '@fairway/protocol';
import { readCertificate } from '@fairway/certificates';
import type { CertificateAuthorities } from './certificate-authorities.ts';
import { type Authenticator, rejected, unrecognised } from './authenticator.ts';

/**
 * Authenticates by the client certificate of the connection: the common name is the username, each
 * organization a group.
 *
 * Whether a client CA signed it was found out at the handshake; that it has not expired since is
 * asked at each request, and whether it is one of `authorities` where the server asks at the handshake
 * for certificates of others too.
 * Source: RFC 5280; Kubernetes authentication, X.509 client certificates.
 */
export function clientCertificateAuthenticator(
  clock: Clock,
  authorities?: CertificateAuthorities,
): Authenticator {
  // A connection hands out the same bytes with every request, and they are read once.
  const known = new WeakMap<Uint8Array, ClientCertificate>();
  return async ({ peer }) => {
    if (peer?.certificate === undefined) return unrecognised;
    const isOurs = authorities?.haveIssued(peer.certificate, clock.now()) ?? true;
    const isTrusted = peer.isCertificateTrusted === true && isOurs;
    if (!isTrusted) {
      return rejected('the client certificate is not signed by a client CA of this server');
    }
    const certificate = known.get(peer.certificate) ?? readClientCertificate(peer.certificate);
    known.set(peer.certificate, certificate);
    if (certificate.kind === 'unfit') return rejected(certificate.why);
    const now = clock.now();
    if (now < certificate.notBeforeMs) return rejected('the client certificate is not valid yet');
    if (now > certificate.notAfterMs) return rejected('the client certificate has expired');
    return { kind: 'authenticated', user: certificate.user };
  };
}

type ClientCertificate =
  | {
      readonly kind: 'fit';
      readonly user: UserInfo;
      readonly notBeforeMs: number;
      readonly notAfterMs: number;
    }
  | { readonly kind: 'unfit'; readonly why: string };

function readClientCertificate(der: Uint8Array): ClientCertificate {
  if (!isForClients(der)) {
    return { kind: 'unfit', why: 'the client certificate is not meant for client authentication' };
  }
  const { subject, fingerprint, notBeforeMs, notAfterMs } = readCertificate(der);
  if (subject.commonName === '') {
    return { kind: 'unfit', why: 'the client certificate has no common name' };
  }
  const user = {
    username: subject.commonName,
    ...(subject.uid === undefined ? {} : { uid: subject.uid }),
    groups: subject.organizations,
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  };
  return { kind: 'fit', user, notBeforeMs, notAfterMs };
}

const clientAuthentication = '1.3.6.1.5.5.7.3.2';
const anyUsage = '2.5.29.37.0';

function isForClients(der: Uint8Array): boolean {
  // A certificate that does not restrict its use has no such field, though Node.js types it as
  // present.
  const usages: readonly string[] | undefined = new X509Certificate(der).keyUsage;
  return usages === undefined || usages.includes(clientAuthentication) || usages.includes(anyUsage);
}
