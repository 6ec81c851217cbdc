import type { GivenToken } from '@fairway/client';
import type { Clock } from '@fairway/host';

/** A token is replaced after this part of its life, as the kubelet does. */
const renewAfter = 0.8;
/** One that lives long is replaced once a day. */
const renewAfterMsMax = 86_400_000;

export interface TokenLife {
  /** Until it is to be replaced, in whole milliseconds. */
  dueMs(): number;
  /** Until it ends. */
  leftMs(): number;
}

/** How long a token is good for, from its receipt on, so that the server's clock may differ from this one. */
export function tokenLife(clock: Clock, { expirationSeconds }: GivenToken): TokenLife {
  const lengthMs = expirationSeconds * 1_000;
  const [now, elapsed] = [clock.now(), clock.elapsed()];
  const passedMs = (): number => Math.max(clock.now() - now, clock.elapsed() - elapsed);
  return {
    dueMs: () => Math.ceil(Math.min(lengthMs * renewAfter, renewAfterMsMax) - passedMs()),
    leftMs: () => lengthMs - passedMs(),
  };
}
