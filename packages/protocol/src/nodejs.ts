/** What of the protocols needs a module of Node.js. */
export { inNetworks, isInNetwork, parseCidr } from './cidr.ts';
export { isGlobalAddress } from './global-address.ts';
export { byteStreamOf, duplexOf } from './duplex-stream.ts';
export { zlibHeaderCompression } from './spdy/zlib-header-compression.ts';
