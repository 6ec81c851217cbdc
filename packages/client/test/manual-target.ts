import { readFileSync } from 'node:fs';
import {
  type ClusterTarget,
  anonymousCredentials,
  unchangingTrust,
} from '../src/cluster-target.ts';

/** A target that trusts the authority of the fixtures and proves nothing. */
export function manualTarget(
  target: Partial<ClusterTarget> & { readonly server: string },
): ClusterTarget {
  const file = new URL('fixtures/certificates/authority.pem', import.meta.url);
  return {
    trust: unchangingTrust({ certificateAuthority: readFileSync(file, 'utf8') }),
    namespace: 'default',
    credentials: anonymousCredentials,
    origin: 'a test',
    ...target,
  };
}
