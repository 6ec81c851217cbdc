import { BlockList, isIP } from 'node:net';
import { plainHost } from '@fairway/protocol';

/**
 * The proxy that the environment names for a server; undefined for a direct connection.
 *
 * `HTTPS_PROXY` counts for https servers and `HTTP_PROXY` for http ones, in lower case, too.
 * `NO_PROXY` holds `*`, names (with their subdomains), `.domains`, addresses and CIDR ranges, each
 * with an optional port. The machine itself is never asked through a proxy.
 */
export function chooseProxy(
  server: URL,
  variables: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const read = (name: string): string => variables[name] || variables[name.toLowerCase()] || '';
  const proxy = server.protocol === 'https:' ? read('HTTPS_PROXY') : read('HTTP_PROXY');
  if (proxy === '' || isExempt(server, read('NO_PROXY'))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isExempt(server: URL, noProxy: string): boolean {
  const host = plainHost(server.hostname);
  if (host === 'localhost' || isLoopback(host)) return true;
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => entry !== '' && matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInRange(entry, host);
  const { name, onlyPort } = splitPort(entry);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  if (isIP(name) !== 0 || isIP(host) !== 0) return isInRange(name, host);
  const domain = name.replace(/^\*?\./, '.');
  return domain.startsWith('.')
    ? host.endsWith(domain)
    : host === domain || host.endsWith(`.${domain}`);
}

function isInRange(range: string, host: string): boolean {
  const [network = '', prefixText] = range.split('/');
  const family = isIP(network);
  const hostFamily = isIP(host);
  if (family === 0 || hostFamily === 0) return false;
  const prefix = prefixText === undefined ? (family === 4 ? 32 : 128) : Number(prefixText);
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, prefix, familyName(family));
  return list.check(host, familyName(hostFamily));
}

function isLoopback(host: string): boolean {
  return isInRange('127.0.0.0/8', host) || isInRange('::1', host);
}

function familyName(family: number): 'ipv4' | 'ipv6' {
  return family === 4 ? 'ipv4' : 'ipv6';
}

function splitPort(entry: string): { readonly name: string; readonly onlyPort?: string } {
  const match = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry);
  if (match === null) return { name: plainHost(entry) };
  return { name: plainHost(match[1] ?? ''), onlyPort: match[2] ?? '' };
}
