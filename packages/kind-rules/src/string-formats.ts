import { isIP, isIPv6 } from 'node:net';
import { parseCidr } from '@fairway/protocol/nodejs';

import { canonicalIpv6, hasHostBits } from './ip-networks.ts';

/**
 * Says what is wrong with a value, in the API's words; undefined when it is fine.
 * Source: apimachinery, util/validation; RFC 1123, RFC 6335 (port names).
 */
export type FormatCheck = (value: string) => string | undefined;

const dnsSubdomainWithUnderscorePattern =
  /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;
const wildcardSubdomainPattern =
  /^\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const portNamePattern = /^[-a-z0-9]+$/;
const headerNamePattern = /^[-A-Za-z0-9]+$/;

/** A search domain, which may hold underscores (`_tcp.example.com`). */
export const dnsSearchDomain: FormatCheck = (value) =>
  tooLongFor(value, 253) ??
  (dnsSubdomainWithUnderscorePattern.test(value)
    ? undefined
    : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')");

export const wildcardSubdomain: FormatCheck = (value) =>
  tooLongFor(value, 253) ??
  (wildcardSubdomainPattern.test(value)
    ? undefined
    : "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");

/** IANA service name: `http`, `web-1`. All that is wrong with it. */
export function portNameProblems(value: string): readonly string[] {
  return [
    ...(value.length > 15 ? ['must be no more than 15 characters'] : []),
    ...(portNamePattern.test(value)
      ? []
      : ['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)']),
    ...(/[a-z]/.test(value) ? [] : ['must contain at least one letter (a-z)']),
    ...(value.includes('--') ? ['must not contain consecutive hyphens'] : []),
    ...(value.startsWith('-') || value.endsWith('-')
      ? ['must not begin or end with a hyphen']
      : []),
  ];
}

/** Any printable ASCII but `=`. */
export const environmentVariableName: FormatCheck = (value) => {
  if (value === '') {
    return "environment variable name must consist only of printable ASCII characters other than '='";
  }
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code < 0x20 || code > 0x7e || code === 0x3d) {
      return "a valid environment variable name must consist only of printable ASCII characters other than '='";
    }
  }
  return undefined;
};

export const httpHeaderName: FormatCheck = (value) =>
  headerNamePattern.test(value)
    ? undefined
    : "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

/**
 * An IPv4 or IPv6 address that everybody reads alike: no leading zeros, no IPv4 in an IPv6 form.
 * Source: apimachinery, IsValidIPForLegacyField; KEP-4858.
 */
export const ipAddress: FormatCheck = (value) => {
  if (isIP(value) === 0 || value.includes('%')) {
    return isIP(withoutLeadingZeros(value)) === 4
      ? 'must not have leading 0s'
      : 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
  }
  return isIpv4Mapped(value) ? 'must not be an IPv4-mapped IPv6 address' : undefined;
};

/** An address in the one form in which it is written: lower case, zeros left out. */
export const canonicalIpAddress: FormatCheck = (value) => {
  const wrong = ipAddress(value);
  if (wrong !== undefined) return wrong;
  const canonical = isIPv6(value) ? canonicalIpv6(value) : value;
  return canonical === value ? undefined : `must be in canonical form ("${canonical}")`;
};

/** The network that a text means, also one that not everybody reads alike. */
export function networkOf(value: string): ReturnType<typeof parseCidr> {
  return value.includes('%') ? undefined : parseCidr(withoutLeadingZeros(value));
}

/** A network that everybody reads alike, by the first of its addresses. */
export const cidr: FormatCheck = (value) => {
  const network = networkOf(value);
  if (network === undefined) {
    return 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
  }
  if (withoutLeadingZeros(value) !== value) {
    return 'must not have leading 0s in IP or prefix length';
  }
  if (hasHostBits(network)) return 'must not have bits set beyond the prefix length';
  return isIpv4Mapped(network.address) ? 'must not have an IPv4-mapped IPv6 address' : undefined;
};

/** A network in the one form in which it is written. */
export const canonicalCidr: FormatCheck = (value) => {
  const wrong = cidr(value);
  if (wrong !== undefined || !value.includes(':')) return wrong;
  const [address = '', bits = ''] = value.split('/');
  const canonical = `${canonicalIpv6(address)}/${bits}`;
  return canonical === value ? undefined : `must be in canonical form ("${canonical}")`;
};

/**
 * The same check for all values but those of the stored object: what an earlier version let pass stays,
 * there or elsewhere in the object.
 * Source: KEP-4858, IsValidIPForLegacyField and IsValidCIDRForLegacyField.
 */
export function unlessStored(
  check: FormatCheck,
  stored: Iterable<string | undefined> | undefined,
): FormatCheck {
  const kept = new Set(stored);
  return kept.size === 0 ? check : (value) => (kept.has(value) ? undefined : check(value));
}

/** Groups of an IPv6 address may have zeros in front, numbers in decimal not. */
function withoutLeadingZeros(value: string): string {
  return value.includes(':')
    ? value.replace(/\/0+(?=\d)/, '/')
    : value.replace(/(^|[./])0+(?=\d)/g, '$1');
}

function isIpv4Mapped(address: string): boolean {
  return (
    /ffff/i.test(address) && /^::ffff:[0-9a-f]{1,4}:[0-9a-f]{1,4}$/.test(canonicalIpv6(address))
  );
}

function tooLongFor(value: string, lengthMax: number): string | undefined {
  return value.length > lengthMax ? `must be no more than ${lengthMax} bytes` : undefined;
}
