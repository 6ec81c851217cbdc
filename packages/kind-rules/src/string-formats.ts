import { isIP } from 'node:net';
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

/** IANA service name: `http`, `web-1`. */
export const portName: FormatCheck = (value) => {
  if (value.length > 15) return 'must be no more than 15 characters long';
  if (!portNamePattern.test(value)) {
    return 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)';
  }
  if (!/[a-z]/.test(value)) return 'must contain at least one letter (a-z)';
  if (value.includes('--')) return 'must not contain consecutive hyphens';
  return value.startsWith('-') || value.endsWith('-')
    ? 'must not begin or end with a hyphen'
    : undefined;
};

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
export const ipAddress: FormatCheck = (value) =>
  isIP(value) === 0 || value.includes('%')
    ? 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
    : undefined;

export const cidr: FormatCheck = (value) =>
  parseCidr(value) === undefined
    ? 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
    : undefined;

function tooLongFor(value: string, lengthMax: number): string | undefined {
  return value.length > lengthMax ? `must be no more than ${lengthMax} bytes` : undefined;
}
