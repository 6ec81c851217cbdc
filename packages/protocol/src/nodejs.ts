/** What of the protocols needs a module of Node.js. */
export { zlibHeaderCompression } from './spdy/zlib-header-compression.ts';
