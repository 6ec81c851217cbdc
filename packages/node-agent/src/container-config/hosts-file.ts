import type { AnyPod } from '../pod-lifecycle/pod-containers.ts';
import type { PodHostname } from './pod-hostname.ts';

/** What a pod with a network of its own finds in `/etc/hosts`. Source: Kubernetes documentation, "Adding entries to Pod /etc/hosts with HostAliases". */
export function podHosts(
  pod: AnyPod,
  { hostname, domain }: PodHostname,
  addresses: readonly string[],
): string {
  const names = domain === undefined ? hostname : `${hostname}.${domain}\t${hostname}`;
  const own = addresses.map((address) => `${address}\t${names}\n`);
  return `# Kubernetes-managed hosts file.\n${standardHosts}${own.join('')}${aliases(pod)}`;
}

/** What a pod in the network of its machine finds there. */
export function nodeHosts(pod: AnyPod, ofMachine: string): string {
  return `# Kubernetes-managed hosts file (host network).\n${ofMachine}${aliases(pod)}`;
}

const standardHosts = `127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
`;

function aliases({ spec }: AnyPod): string {
  const { hostAliases = [] } = spec ?? {};
  if (hostAliases.length === 0) return '';
  const lines = hostAliases.map(({ ip, hostnames = [] }) => `${[ip, ...hostnames].join('\t')}\n`);
  return `\n# Entries added by HostAliases.\n${lines.join('')}`;
}
