import { isIP } from 'node:net';
import { canonicalIp } from './canonical-ip.ts';
import { type CertificateSubject, userUid } from './names.ts';

/** A subject as the library takes it. */
export function nameOf({
  commonName,
  organizations,
  uid,
}: CertificateSubject): Record<string, { utf8String: string }[]>[] {
  return [
    ...organizations.map((each) => ({ O: [{ utf8String: each }] })),
    ...(commonName === '' ? [] : [{ CN: [{ utf8String: commonName }] }]),
    ...(uid === undefined ? [] : [{ [userUid]: [{ utf8String: uid }] }]),
  ];
}

/** A DNS name or an IP address as the library takes it. */
export function alternativeName(name: string): { type: 'ip' | 'dns'; value: string } {
  const address = canonicalIp(name);
  return isIP(address) === 0 ? { type: 'dns', value: name } : { type: 'ip', value: address };
}
