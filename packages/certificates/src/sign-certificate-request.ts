import { X509Certificate, webcrypto } from 'node:crypto';
import type { Clock, Random } from '@fairway/host';
import {
  type CertifiedKey,
  clockSkewMs,
  importSigner,
  loadX509,
  makeSerialNumber,
  pemLine,
} from './authority-signer.ts';
import { DerError, type DerValue, readDerText } from './der.ts';
import { readNameAttributes } from './names.ts';
import {
  type CertificateRequestFacts,
  readCertificateRequest,
} from './read-certificate-request.ts';

export interface SigningOptions {
  /** As `spec.usages` of a CertificateSigningRequest names them. */
  readonly usages: readonly string[];
  readonly validityMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Certifies what a request in PEM asks for: its key, the usual parts of its subject and its alternative
 * names, for the usages that are given and no authority. Answers PEM.
 *
 * The certificate is valid since five minutes ago. One of eight hours or more ends that much earlier, and
 * none outlives its authority.
 *
 * Errors: `DerError` when it is no request; `RangeError` for a usage that is none; an `Error` when the
 * authority's own time is over, or its key is neither ECDSA nor RSA.
 * Source: certificates.k8s.io/v1, signers of Kubernetes; RFC 5280 §4.2.
 */
export async function signCertificateRequest(
  authority: CertifiedKey,
  pem: string,
  { usages, validityMs, clock, random }: SigningOptions,
): Promise<string> {
  const request = readCertificateRequest(pem);
  const period = validity({ authority, validityMs, nowMs: clock.now() });
  const x509 = await loadX509();
  const issuer = new x509.X509Certificate(authority.certificate);
  const signer = await importSigner(authority);
  const publicKey = new x509.PublicKey(Buffer.from(request.publicKey));
  const names = alternativeNames(request);
  const subject = nameOf(request);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...period,
      serialNumber: makeSerialNumber(random),
      signingAlgorithm: signer.algorithm,
      subject: new x509.Name(subject),
      issuer: issuer.subjectName,
      publicKey,
      signingKey: signer.key,
      extensions: [
        ...usageExtensions(x509, usages),
        new x509.BasicConstraintsExtension(false, undefined, true),
        await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, webcrypto),
        ...(names.length === 0
          ? []
          : [new x509.SubjectAlternativeNameExtension(names, subject.length === 0)]),
      ],
    },
    webcrypto,
  );
  return pemLine(certificate.toString('pem'));
}

/** A certificate that lives shorter than this keeps its whole time. */
const shortMs = 8 * 3_600_000;

function validity({
  authority,
  validityMs,
  nowMs,
}: {
  readonly authority: CertifiedKey;
  readonly validityMs: number;
  readonly nowMs: number;
}): { readonly notBefore: Date; readonly notAfter: Date } {
  const authorityEndsMs = Date.parse(new X509Certificate(authority.certificate).validTo);
  if (authorityEndsMs <= nowMs) {
    const end = new Date(authorityEndsMs).toISOString();
    throw new Error(`the authority's own certificate has expired at ${end}; renew it`);
  }
  const endsMs = nowMs + validityMs - (validityMs < shortMs ? 0 : clockSkewMs);
  return {
    notBefore: new Date(nowMs - clockSkewMs),
    notAfter: new Date(Math.min(endsMs, authorityEndsMs)),
  };
}

type X509 = Awaited<ReturnType<typeof loadX509>>;

function usageExtensions(x509: X509, usages: readonly string[]) {
  const wrong = usages.find((usage) => !keyUsages.has(usage) && !extendedUsages.has(usage));
  if (wrong !== undefined) {
    throw new RangeError(`${JSON.stringify(wrong)} is no usage of a certificate`);
  }
  const flags = usages.flatMap((usage) => {
    const name = keyUsages.get(usage);
    return name === undefined ? [] : [x509.KeyUsageFlags[name]];
  });
  const asked = [...extendedUsages].filter(([usage]) => usages.includes(usage));
  const extended = [...new Set(asked.map(([, identifier]) => identifier))];
  return [
    ...(flags.length === 0
      ? []
      : [
          new x509.KeyUsagesExtension(
            flags.reduce((all, flag) => all | flag),
            true,
          ),
        ]),
    ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
  ];
}

/** The bits of RFC 5280 §4.2.1.3. */
const keyUsages: ReadonlyMap<string, keyof X509['KeyUsageFlags']> = new Map([
  ['signing', 'digitalSignature'],
  ['digital signature', 'digitalSignature'],
  ['content commitment', 'nonRepudiation'],
  ['key encipherment', 'keyEncipherment'],
  ['data encipherment', 'dataEncipherment'],
  ['key agreement', 'keyAgreement'],
  ['cert sign', 'keyCertSign'],
  ['crl sign', 'cRLSign'],
  ['encipher only', 'encipherOnly'],
  ['decipher only', 'decipherOnly'],
]);

/** In the order in which they stand in a certificate. */
const extendedUsages: ReadonlyMap<string, string> = new Map([
  ['any', '2.5.29.37.0'],
  ['server auth', '1.3.6.1.5.5.7.3.1'],
  ['client auth', '1.3.6.1.5.5.7.3.2'],
  ['code signing', '1.3.6.1.5.5.7.3.3'],
  ['email protection', '1.3.6.1.5.5.7.3.4'],
  ['s/mime', '1.3.6.1.5.5.7.3.4'],
  ['ipsec end system', '1.3.6.1.5.5.7.3.5'],
  ['ipsec tunnel', '1.3.6.1.5.5.7.3.6'],
  ['ipsec user', '1.3.6.1.5.5.7.3.7'],
  ['timestamping', '1.3.6.1.5.5.7.3.8'],
  ['ocsp signing', '1.3.6.1.5.5.7.3.9'],
  ['microsoft sgc', '1.3.6.1.4.1.311.10.3.3'],
  ['netscape sgc', '2.16.840.1.113730.4.1'],
]);

/**
 * C, O, OU, L, ST, STREET, postal code, CN, serial number, in the order in which a kube-apiserver writes
 * them. What else a subject says is left out: a uid would let a requester choose whose it is.
 */
const subjectAttributes = [
  '2.5.4.6',
  '2.5.4.10',
  '2.5.4.11',
  '2.5.4.7',
  '2.5.4.8',
  '2.5.4.9',
  '2.5.4.17',
  '2.5.4.3',
  '2.5.4.5',
];
/** Of these only the last one counts. */
const single = new Set(['2.5.4.3', '2.5.4.5']);

function nameOf({ subjectName }: CertificateRequestFacts): Record<string, TextValue[]>[] {
  const attributes = [...readNameAttributes(subjectName)];
  return subjectAttributes.flatMap((type) => {
    const texts = attributes.flatMap((each) => (each.type === type ? textsOf(each.value) : []));
    return (single.has(type) ? texts.slice(-1) : texts).map((text) => ({
      [type]: [{ utf8String: text }],
    }));
  });
}

/** None for what is no text that we know, which a kube-apiserver leaves out too. */
function textsOf(value: DerValue | undefined): readonly string[] {
  try {
    return [readDerText(value)];
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return [];
  }
}

interface TextValue {
  readonly utf8String: string;
}

function alternativeNames(request: CertificateRequestFacts) {
  const of = (type: 'dns' | 'email' | 'ip' | 'url', values: readonly string[]) =>
    values.map((value) => ({ type, value }));
  return [
    ...of('dns', request.dnsNames),
    ...of('email', request.emailAddresses),
    ...of('ip', request.ipAddresses),
    ...of('url', request.uris),
  ];
}
