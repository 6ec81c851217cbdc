import { X509Certificate } from 'node:crypto';
import { DerError, type DerValue, derTags, readDerMembers, readDerValues } from './der.ts';
import {
  type AlternativeNames,
  type CertificateSubject,
  readAlternativeNames,
  readSubject,
} from './names.ts';

/** The fields of a certificate; its signature is not verified here. */
export interface CertificateFacts extends AlternativeNames {
  readonly subject: CertificateSubject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SHA-256 over the DER, in lower-case hex without colons. */
  readonly fingerprint: string;
  readonly isAuthority: boolean;
  /** Subject alternative names. IP addresses in their shortest form. */
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
}

/**
 * Reads a certificate in DER or PEM. The subject comes from the DER itself, because the text that
 * OpenSSL prints cannot tell a line break in a value from the next attribute.
 *
 * Errors: throws when it is not a certificate. Source: RFC 5280 §4.1.
 */
export function readCertificate(certificate: Uint8Array | string): CertificateFacts {
  const parsed = new X509Certificate(certificate);
  const body = readBody(parsed.raw);
  return {
    subject: readSubject(body.subject),
    notBeforeMs: Date.parse(parsed.validFrom),
    notAfterMs: Date.parse(parsed.validTo),
    fingerprint: parsed.fingerprint256.replaceAll(':', '').toLowerCase(),
    isAuthority: parsed.ca,
    ...readAlternativeNames(body.extensions),
  };
}

const tagOfVersion = 0xa0;
const tagOfExtensions = 0xa3;

function readBody(der: Uint8Array): { subject: DerValue; extensions: readonly DerValue[] } {
  const [certificate] = readDerValues(der);
  const [toBeSigned] = readDerMembers(certificate, derTags.sequence);
  const fields = readDerMembers(toBeSigned, derTags.sequence);
  // version (optional), serialNumber, signature, issuer, validity, subject
  const subject = fields[fields[0]?.tag === tagOfVersion ? 5 : 4];
  if (subject === undefined) throw new DerError('the certificate has no subject');
  const wrapper = fields.find((field) => field.tag === tagOfExtensions);
  if (wrapper === undefined) return { subject, extensions: [] };
  const [list] = readDerValues(wrapper.content);
  return { subject, extensions: readDerMembers(list, derTags.sequence) };
}
