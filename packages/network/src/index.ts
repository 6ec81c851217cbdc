export { type NetworkOptions, runNetwork } from './run-network.ts';
export { type NamesOptions, runNames } from './run-names.ts';
export { NamesError } from './names/open-names.ts';
export { NftError } from './service-rules/nft.ts';
