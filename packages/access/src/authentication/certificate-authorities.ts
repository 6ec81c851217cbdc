import { X509Certificate } from 'node:crypto';

export class CertificateAuthoritiesError extends Error {
  override readonly name = 'CertificateAuthoritiesError';
}

/**
 * Certificate authorities that stand for one thing: ordinary clients, say, or front proxies. A server
 * asks for certificates of all of them at the handshake, and asks here whose a certificate is.
 */
export class CertificateAuthorities {
  readonly pem: string;
  readonly #authorities: readonly X509Certificate[];
  /** A connection hands out the same bytes with every request, and they are looked at once. */
  readonly #issuers = new WeakMap<Uint8Array, X509Certificate>();

  /** Throws `CertificateAuthoritiesError` when the text is anything else than certificates in PEM of authorities, or of those that signed themselves. */
  constructor(pem: string) {
    this.pem = pem;
    this.#authorities = parse(pem);
  }

  /**
   * Whether one of these authorities issued a certificate (DER) that the handshake has found to be good.
   * An intermediate counts when it is one of them: what else a client sends along, Node.js does not tell
   * once the handshake is over.
   */
  haveIssued(certificate: Uint8Array, nowMs: number): boolean {
    const issuer = this.#issuers.get(certificate) ?? this.#findIssuer(certificate);
    if (issuer === undefined) return false;
    this.#issuers.set(certificate, issuer);
    return Date.parse(issuer.validFrom) <= nowMs && nowMs <= Date.parse(issuer.validTo);
  }

  #findIssuer(der: Uint8Array): X509Certificate | undefined {
    const certificate = new X509Certificate(der);
    return this.#authorities.find(
      (each) => certificate.checkIssued(each) && certificate.verify(each.publicKey),
    );
  }
}

const block = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function parse(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(block) ?? [];
  if (blocks.length === 0) {
    throw new CertificateAuthoritiesError('it holds no certificate in PEM');
  }
  return blocks.map((text, index) => {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(text);
    } catch (cause) {
      throw new CertificateAuthoritiesError(`certificate ${index + 1} in it is damaged`, { cause });
    }
    // One that signed itself stands for itself alone, as in Go: it cannot have signed others.
    if (certificate.ca || certificate.checkIssued(certificate)) return certificate;
    const why = 'is not of an authority (its basic constraints do not say CA:TRUE)';
    throw new CertificateAuthoritiesError(`certificate ${index + 1} in it ${why}`);
  });
}
