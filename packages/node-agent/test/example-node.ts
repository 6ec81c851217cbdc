import type { NodeFacts } from '../src/node/node-facts.ts';

/** A machine for tests. */
export const exampleNode: NodeFacts = {
  name: 'n1',
  addresses: ['192.0.2.1'],
  capacity: { cpu: '4', memory: '8Gi', 'hugepages-2Mi': '0' },
  allocatable: { cpu: '3500m', memory: '7Gi', 'ephemeral-storage': '10Gi' },
  rootDirectory: '/var/lib/agent',
  logDirectory: '/var/log/pods',
  clusterDns: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
  hostDns: { servers: ['192.0.2.53'], searches: ['example.com'], options: ['edns0'] },
  cgroupRoot: '/agent',
  hasAppArmor: false,
};
