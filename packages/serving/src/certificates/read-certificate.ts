import { X509Certificate } from 'node:crypto';
import { canonicalIp } from './canonical-ip.ts';
import {
  DerError,
  type DerValue,
  contentOf,
  derTags,
  readDerMembers,
  readDerText,
  readDerValues,
  readObjectIdentifier,
} from './der.ts';

/** The fields of a certificate; its signature is not verified here. */
export interface CertificateFacts {
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

/** Whom a certificate names: for Kubernetes the user, the groups and the user's uid. */
export interface CertificateSubject {
  /** The last one when there are several; empty when there is none. */
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly uid?: string;
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

/**
 * Reads whom a request for a certificate names, in PEM. Nothing else of it is looked at.
 *
 * Errors: `DerError` when it is none. Source: RFC 2986 §4.1.
 */
export function readCertificateRequestSubject(pem: string): CertificateSubject {
  const [, base64] = requestPem.exec(pem) ?? [];
  if (base64 === undefined) throw new DerError('PEM block type must be CERTIFICATE REQUEST');
  const [request] = readDerValues(Buffer.from(base64, 'base64'));
  const [information] = readDerMembers(request, derTags.sequence);
  const [, subject] = readDerMembers(information, derTags.sequence);
  if (subject === undefined) throw new DerError('the request has no subject');
  return readSubject(subject);
}

const requestPem =
  /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([^-]*)-----END (?:NEW )?CERTIFICATE REQUEST-----/;

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

const commonName = '2.5.4.3';
const organization = '2.5.4.10';
/** Source: KEP-4993 (user uid in a client certificate); an arc of the Kubernetes project. */
export const userUid = '1.3.6.1.4.1.57683.2';

function readSubject(subject: DerValue): CertificateSubject {
  const found = new Map<string, string[]>();
  for (const relativeName of readDerMembers(subject, derTags.sequence)) {
    for (const attribute of readDerMembers(relativeName, derTags.set)) {
      const [type, value] = readDerMembers(attribute, derTags.sequence);
      const oid = readObjectIdentifier(type);
      if (oid !== commonName && oid !== organization && oid !== userUid) continue;
      const values = found.get(oid) ?? [];
      values.push(readDerText(value));
      found.set(oid, values);
    }
  }
  const uid = found.get(userUid)?.at(-1);
  return {
    commonName: found.get(commonName)?.at(-1) ?? '',
    organizations: found.get(organization) ?? [],
    ...(uid === undefined ? {} : { uid }),
  };
}

const subjectAlternativeName = '2.5.29.17';
const tagOfDnsName = 0x82;
const tagOfIpAddress = 0x87;

function readAlternativeNames(extensions: readonly DerValue[]): {
  dnsNames: readonly string[];
  ipAddresses: readonly string[];
} {
  const dnsNames: string[] = [];
  const ipAddresses: string[] = [];
  for (const extension of extensions) {
    const members = readDerMembers(extension, derTags.sequence);
    if (readObjectIdentifier(members[0]) !== subjectAlternativeName) continue;
    const [names] = readDerValues(contentOf(members.at(-1), derTags.octetString));
    for (const { tag, content } of readDerMembers(names, derTags.sequence)) {
      if (tag === tagOfDnsName) dnsNames.push(Buffer.from(content).toString('latin1'));
      if (tag === tagOfIpAddress) ipAddresses.push(formatIp(content));
    }
  }
  return { dnsNames, ipAddresses };
}

function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) throw new DerError('an IP address has neither 4 nor 16 bytes');
  const hex = Buffer.from(bytes).toString('hex');
  return canonicalIp(hex.replaceAll(/(....)(?!$)/g, '$1:'));
}
