import { isIPv4 } from 'node:net';

import { invalidValue } from '@fairway/protocol';

import type { FieldErrors } from '../field-checks.ts';
import { ipAddress } from '../string-formats.ts';

/** An address that other machines can reach. Source: core validation, ValidateNonSpecialIP. */
export function expectPublicAddress(
  address: string,
  { field, stored }: { readonly field: string; readonly stored?: ReadonlySet<string> | undefined },
  errors: FieldErrors,
): void {
  // What an earlier version let pass may stay.
  if (stored?.has(address)) return;
  const problem = publicAddressProblem(address);
  if (problem !== undefined) errors.push(invalidValue(field, address, problem));
}

/** Why an address is none that other machines can reach; undefined when it is one. */
export function publicAddressProblem(address: string): string | undefined {
  return ipAddress(address) ?? (isIPv4(address) ? specialIpv4(address) : specialIpv6(address));
}

function specialIpv4(address: string): string | undefined {
  if (address === '0.0.0.0') return `may not be unspecified (${address})`;
  if (address.startsWith('127.')) return loopbackText;
  if (address.startsWith('169.254.')) return linkLocalText;
  return address.startsWith('224.0.0.') ? multicastText : undefined;
}

function specialIpv6(address: string): string | undefined {
  const lower = address.toLowerCase();
  if (/^[0:]+$/.test(lower)) return `may not be unspecified (${address})`;
  if (/^[0:]*:0*1$/.test(lower)) return loopbackText;
  if (/^fe[89ab]/.test(lower)) return linkLocalText;
  return /^ff.2:/.test(lower) ? multicastText : undefined;
}

const loopbackText = 'may not be in the loopback range (127.0.0.0/8, ::1/128)';
const linkLocalText = 'may not be in the link-local range (169.254.0.0/16, fe80::/10)';
const multicastText = 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)';
