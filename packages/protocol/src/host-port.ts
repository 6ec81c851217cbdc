/** `HOST:PORT`, with an IPv6 address in brackets. Source: RFC 3986 3.2.2. */
export function hostPort(host: string, port: number | string): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** A name in small letters, or an address, as a socket takes it: an IPv6 address without its brackets. */
export function plainHost(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname.toLowerCase();
}
