import { isIP, isIPv4 } from 'node:net';
import { parseCidr } from '@fairway/protocol/nodejs';

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

/** An IPv4 or IPv6 address. Leading zeros in IPv4 are refused. */
export const ipAddress: FormatCheck = (value) => {
  if (isIP(value) === 0 || value.includes('%')) {
    return leadingZeros.test(value)
      ? 'must not have leading 0s'
      : 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
  }
  return mappedIpv4.test(value) ? 'must not be an IPv4-mapped IPv6 address' : undefined;
};

export const cidr: FormatCheck = (value) => {
  const network = parseCidr(value);
  if (network === undefined) {
    return leadingZeros.test(value.split('/', 1)[0] ?? '') || /\/0\d/.test(value)
      ? 'must not have leading 0s in IP or prefix length'
      : 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
  }
  if (mappedIpv4.test(network.address)) return 'must not have an IPv4-mapped IPv6 address';
  return isNetworkAddress(network) ? undefined : 'must not have bits set beyond the prefix length';
};

const leadingZeros = /^(?=.*(?:^|\.)0\d)\d{1,4}(?:\.\d{1,4}){3}$/;
const mappedIpv4 = /^::ffff:(?:\d+\.|[0-9a-f]{1,4}:[0-9a-f]{1,4}$)/i;

/** Whether all bits of an address behind its prefix are zero. */
function isNetworkAddress(network: {
  readonly address: string;
  readonly prefixBits: number;
}): boolean {
  const groups = groupsOf(network.address);
  const groupBits = groups.length === 4 ? 8 : 16;
  return groups.every((group, index) => {
    const hostBits = Math.min(groupBits, (index + 1) * groupBits - network.prefixBits);
    return hostBits <= 0 || group % 2 ** hostBits === 0;
  });
}

/** The numbers of which an address is made: four of eight bits, or eight of sixteen. */
function groupsOf(address: string): readonly number[] {
  if (isIPv4(address)) return address.split('.').map(Number);
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = '', after] = canonical.split('::');
  const [head, tail] = [before, after ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const gap = 8 - (head?.length ?? 0) - (tail?.length ?? 0);
  const zeros = Array.from({ length: after === undefined ? 0 : gap }, () => '0');
  return [...(head ?? []), ...zeros, ...(tail ?? [])].map((group) => Number.parseInt(group, 16));
}

function tooLongFor(value: string, lengthMax: number): string | undefined {
  return value.length > lengthMax ? `must be no more than ${lengthMax} bytes` : undefined;
}
