import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The library that reads RE2's expressions, loaded with the first pattern: most servers meet none. */
export function loadRe2(): typeof import('@bufbuild/re2') {
  return require('@bufbuild/re2') as typeof import('@bufbuild/re2');
}
