import { hash } from 'node:crypto';
import type { Clock } from '@fairway/host';
import type { ServiceAccountTokens, VerifiedToken } from './service-account-tokens.ts';

interface Remembered {
  readonly verified: VerifiedToken;
  usedMs: number;
}

/** A token that was not used for this long is verified again at its next use. */
const verifiedIdleMs = 10 * 60_000;

/**
 * Remembers which tokens were signed by us, so that a signature is checked once.
 *
 * Beyond `verifiedTokensMax`, and after ten minutes without use, they are forgotten, the least
 * recently used first; when its key is removed, a token is verified again.
 */
export function rememberVerified(
  { verify, isTrusted }: Pick<ServiceAccountTokens, 'verify' | 'isTrusted'>,
  { clock, verifiedTokensMax = 4096 }: { clock: Clock; verifiedTokensMax?: number },
): ServiceAccountTokens['verify'] {
  // The least recently used first.
  const remembered = new Map<string, Remembered>();
  let isSweepDue = false;
  const sweepIn = (delayMs: number): void => {
    if (isSweepDue) return;
    isSweepDue = true;
    clock.schedule(delayMs, () => {
      isSweepDue = false;
      sweep();
    });
  };
  const sweep = (): void => {
    for (const [key, { usedMs }] of remembered) {
      const leftMs = usedMs + verifiedIdleMs - clock.elapsed();
      if (leftMs > 0) return sweepIn(leftMs);
      remembered.delete(key);
    }
  };
  const remember = (key: string, verified: VerifiedToken): void => {
    remembered.delete(key);
    remembered.set(key, { verified, usedMs: clock.elapsed() });
    const [oldest] = remembered.keys();
    if (remembered.size > verifiedTokensMax && oldest !== undefined) remembered.delete(oldest);
    sweepIn(verifiedIdleMs);
  };
  return async (token) => {
    // A digest, so that a dump of our memory holds no token.
    const key = hash('sha256', token, 'base64url');
    const known = remembered.get(key)?.verified;
    if (known !== undefined && isTrusted(known.keyId)) {
      if (!hasExpired(known, clock)) remember(key, known);
      else remembered.delete(key);
      return known;
    }
    const verification = await verify(token);
    if (verification.kind === 'requested' || verification.kind === 'legacy') {
      remember(key, verification);
    }
    return verification;
  };
}

function hasExpired(token: VerifiedToken, clock: Clock): boolean {
  return token.kind === 'requested' && token.claims.exp * 1000 <= clock.now();
}
