/** What a store needs before there is a server over it, without the server. */
export { stampResourceVersion } from './storage/object-bytes.ts';
