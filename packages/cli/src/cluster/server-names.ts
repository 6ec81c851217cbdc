import type { Environment } from '@fairway/host';
import { hostPort } from '@fairway/protocol';

const serviceNames = [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];

/** Every name and address under which somebody may reach the server, for its certificate. */
export function serverNames(
  environment: Environment,
  options: {
    readonly listen: { readonly host: string };
    readonly extraNames: readonly string[];
    readonly nodeAddress?: string;
    /** At which pods find the server. */
    readonly serviceAddress: string;
  },
): readonly string[] {
  const names = [
    ...serviceNames,
    'localhost',
    '127.0.0.1',
    '::1',
    options.serviceAddress,
    environment.hostName,
    ...environment.addresses,
    ...(isWildcard(options.listen.host) ? [] : [options.listen.host]),
    ...(options.nodeAddress === undefined ? [] : [options.nodeAddress]),
    ...options.extraNames,
  ];
  return [...new Set(names)];
}

/** The URL for users of this machine: one that leads to it, and that its certificate holds. */
export function localUrl(url: string): string {
  const { hostname, port } = new URL(url);
  if (hostname === '0.0.0.0') return `https://127.0.0.1:${port}`;
  return hostname === '[::]' ? `https://[::1]:${port}` : url;
}

/** The URLs for users of other machines, by the one for those of this; empty when only this machine reaches the server. */
export function remoteUrls(
  environment: Environment,
  options: { readonly listen: { readonly host: string }; readonly extraNames: readonly string[] },
  url: string,
): readonly string[] {
  const { host } = options.listen;
  const port = Number(new URL(url).port || 443);
  if (isLoopback(host)) return [];
  const isReachable = (address: string): boolean => host !== '0.0.0.0' || !address.includes(':');
  const hosts = isWildcard(host) ? environment.addresses.filter(isReachable) : [host];
  // A wildcard name is in the certificate, and is no address.
  const names = options.extraNames.filter((name) => !name.startsWith('*'));
  return [...new Set([...hosts, ...names])].map((each) => `https://${hostPort(each, port)}`);
}

/**
 * The address that pods and other servers use: the one that the server is bound to, or else, as with
 * a kube-apiserver, the machine's on the network, of IPv4 first. Of a machine without a network it is
 * that of the machine itself.
 */
export function advertisedAddress({ addresses }: Environment, boundTo: string): string {
  if (!isWildcard(boundTo) && !isLoopback(boundTo)) return boundTo;
  const usable = addresses.filter((address) => !address.startsWith('169.254.'));
  return usable.find((address) => !address.includes(':')) ?? usable[0] ?? '127.0.0.1';
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** Whether only this machine reaches a host of that name. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
