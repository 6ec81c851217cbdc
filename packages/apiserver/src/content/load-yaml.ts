import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * The YAML library, loaded with the first YAML that is read or written: it would be one in eight of
 * the modules that a server starts with, and most servers hear JSON and protobuf only.
 */
export function loadYaml(): typeof import('yaml') {
  return require('yaml') as typeof import('yaml');
}
