import { isIPv4, isIPv6 } from 'node:net';

const reverse4 = '.in-addr.arpa';
const reverse6 = '.ip6.arpa';

/** The address that a name below `in-addr.arpa` or `ip6.arpa` stands for. Source: RFC 1035 3.5, RFC 3596 2.5. */
export function addressOfReverseName(name: string): string | undefined {
  if (name.endsWith(reverse4)) {
    const address = name.slice(0, -reverse4.length).split('.').reverse().join('.');
    return isIPv4(address) ? address : undefined;
  }
  if (!name.endsWith(reverse6)) return undefined;
  const digits = name.slice(0, -reverse6.length).split('.').reverse();
  if (digits.length !== 32 || !digits.every((digit) => /^[0-9a-f]$/.test(digit))) return undefined;
  const groups = Array.from({ length: 8 }, (_, at) => digits.slice(at * 4, at * 4 + 4).join(''));
  return canonicalAddress(groups.join(':'));
}

/** One spelling of each address: that of RFC 5952 for IPv6. What is no address stays as it is. */
export function canonicalAddress(address: string): string {
  if (!isIPv6(address) || address.includes('%')) return address;
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}
