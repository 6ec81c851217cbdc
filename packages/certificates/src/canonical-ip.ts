import { isIPv6 } from 'node:net';

/** One spelling for each IP address: `0:0:0:0:0:0:0:1` and `::1%lo` become `::1`. */
export function canonicalIp(address: string): string {
  const [withoutZone = ''] = address.split('%');
  if (!isIPv6(withoutZone)) return withoutZone;
  return new URL(`http://[${withoutZone}]`).hostname.slice(1, -1);
}
