export { type NetworkOptions, runNetwork } from './run-network.ts';
export { NftError } from './service-rules/nft.ts';
