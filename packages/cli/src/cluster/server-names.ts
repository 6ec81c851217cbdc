import type { Environment } from '@fairway/host';
import { firstServiceAddress } from '@fairway/apiserver';

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
    readonly serviceClusterIpRange: string;
  },
): readonly string[] {
  const names = [
    ...serviceNames,
    'localhost',
    '127.0.0.1',
    '::1',
    firstServiceAddress(options.serviceClusterIpRange),
    environment.hostName,
    ...environment.addresses,
    ...(isWildcard(options.listen.host) ? [] : [options.listen.host]),
    ...options.extraNames,
  ];
  return [...new Set(names)];
}

/** The address that pods and other servers use: ours on the network, if we have one. */
export function advertisedAddress(environment: Environment, host: string): string {
  const isLocal =
    isWildcard(host) || host === 'localhost' || host === '::1' || host.startsWith('127.');
  if (!isLocal) return host;
  return environment.addresses.find((address) => !address.includes(':')) ?? '127.0.0.1';
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::' || host === '';
}
