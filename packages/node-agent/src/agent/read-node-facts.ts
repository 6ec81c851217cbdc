import { fileText } from '../node/file-text.ts';
import { parseResolvConf } from '../container-config/pod-dns.ts';
import type { Machine } from '../node/machine.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import { nodeQuantities } from '../node/node-status.ts';
import { type NodeAgentOptions, podsMax } from './node-agent-options.ts';

/** What containers of this machine depend on beside their pods. Errors: the system's. */
export async function readNodeFacts(
  options: NodeAgentOptions,
  machine: Machine,
): Promise<NodeFacts> {
  const { files, rootDirectory, logDirectory, clusterDns, clusterDomain, cgroupRoot } = options;
  const quantities = nodeQuantities(machine, podsMax);
  return {
    name: options.name,
    addresses: [options.address],
    capacity: quantities,
    allocatable: quantities,
    rootDirectory,
    logDirectory,
    clusterDns,
    clusterDomain,
    ...(cgroupRoot === undefined ? {} : { cgroupRoot }),
    hostDns: parseResolvConf(await fileText(files, '/etc/resolv.conf')),
    hasAppArmor: (await fileText(files, '/sys/module/apparmor/parameters/enabled')).startsWith('Y'),
  };
}
