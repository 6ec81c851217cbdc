import { type HttpRequest, headerOf } from '@fairway/protocol';

/**
 * Where a request came from, the first one farthest away: what proxies on the way say, then whoever
 * is connected. Only the last is known; the others are as the headers say.
 *
 * Source: apimachinery, util/net SourceIPs.
 */
export function sourceAddresses({ headers, peer }: HttpRequest): readonly string[] {
  const connected = peer === undefined ? '' : plainAddress(peer.address);
  const forwarded = headers['x-forwarded-for'];
  const real = headerOf(headers, 'x-real-ip');
  if (forwarded === undefined && real === undefined) return connected === '' ? [] : [connected];
  const told = [forwarded ?? []].flat().flatMap((each) => each.split(','));
  const addresses = told.map((each) => each.trim()).filter(isAddress);
  const [first] = addresses;
  if (real !== undefined && isAddress(real) && real !== first) addresses.push(real);
  if (connected !== '' && addresses.at(-1) !== connected) addresses.push(connected);
  return addresses;
}

/** `::ffff:192.0.2.1` is an address of IPv4; whoever comes by a Unix socket has none. */
function plainAddress(address: string): string {
  const isOfFour = address.includes('.');
  if (!isOfFour && !address.includes(':')) return '';
  return isOfFour && address.startsWith('::ffff:') ? address.slice(7) : address;
}

/** Good enough for what is only told: digits and separators of an address. */
function isAddress(text: string): boolean {
  return /^[\da-f.:]{2,45}$/i.test(text) && /[.:]/.test(text);
}
