import type { X509Certificate } from 'node:crypto';
import { readCertificate } from '@fairway/certificates';

/** A name as OpenSSL prints it, in one line. */
export function nameIn(name: string): string {
  return name.split('\n').join(', ');
}

/** Whom a certificate is for: DNS names, then addresses. */
export function namesOf(certificate: X509Certificate): readonly string[] {
  try {
    const { dnsNames, ipAddresses } = readCertificate(certificate.raw);
    return [...dnsNames, ...ipAddresses];
  } catch {
    // Anybody may have written it, and names that cannot be read match nothing.
    return [];
  }
}
