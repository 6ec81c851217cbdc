/** Apart from the server, because a store is opened before the server is loaded. */
export { EncryptionAtRest } from './encryption/encryption-at-rest.ts';
export { readEncryptionConfiguration } from './encryption/encryption-configuration.ts';
