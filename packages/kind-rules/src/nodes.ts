/** What several programs ask of nodes, of their networks, and of how they find their cluster. Loads nothing else of this package. */
export {
  clusterInfoKey,
  clusterInfoPlace,
  isSignatureKey,
  isSignedBy,
  signatureKey,
  signatureOf,
} from './nodes/cluster-info.ts';
export { HeldNetworks } from './nodes/held-networks.ts';
export {
  type AddressRange,
  type NetworkRange,
  cutRange,
  formatAddress,
  parseAddress,
  parseNetwork,
} from './nodes/network-range.ts';
export { nodeCondition, nodeReadiness } from './nodes/node-state.ts';
export { fakeNodeAnnotation, isSimulated } from './nodes/simulated-nodes.ts';
