import type { GivenToken } from '@fairway/client';
import { type Clock, type NewFile, type Random, sleep } from '@fairway/host';

export interface TokenKeeper {
  readonly clock: Clock;
  readonly random: Random;
  /** Asks the API server for another token. */
  request(): Promise<GivenToken>;
  /** Takes a new token. What it throws counts as trouble. */
  onToken(given: GivenToken): Promise<void>;
  /** Called after each try that failed. */
  onTrouble(trouble: Trouble): void;
}

export interface Trouble {
  readonly cause: unknown;
  /** How long the last token is still good for; negative: since when it is not. */
  readonly goodForMs: number;
  readonly nextTryMs: number;
}

/** A token is replaced after this part of its life, as the kubelet does. */
const renewAfter = 0.8;
/** A machine that slept is noticed within this time: timers stand still meanwhile, the date does not. */
const lookMs = 30_000;
const retryMsMin = 1_000;
const retryMsMax = 60_000;

/**
 * Replaces a token before it ends, again and again until the signal aborts. A try that fails is
 * repeated, after pauses that double from one second to one minute.
 */
export async function keepToken(
  keeper: TokenKeeper,
  given: GivenToken,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (let current = given; ;) {
      const life = lifeOf(keeper.clock, current);
      for (let dueMs = life.dueMs(); dueMs > 0; dueMs = life.dueMs()) {
        await sleep(keeper.clock, Math.min(dueMs, lookMs), signal);
      }
      current = await renew(keeper, life, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

interface Life {
  /** Until it is to be replaced, in whole milliseconds. */
  dueMs(): number;
  /** Until it ends. */
  leftMs(): number;
}

/** From its receipt on, so that the server's clock may differ from this one. */
function lifeOf(clock: Clock, { expirationSeconds }: GivenToken): Life {
  const lengthMs = expirationSeconds * 1_000;
  const [now, elapsed] = [clock.now(), clock.elapsed()];
  const passedMs = (): number => Math.max(clock.now() - now, clock.elapsed() - elapsed);
  return {
    dueMs: () => Math.ceil(lengthMs * renewAfter - passedMs()),
    leftMs: () => lengthMs - passedMs(),
  };
}

async function renew(keeper: TokenKeeper, life: Life, signal: AbortSignal): Promise<GivenToken> {
  for (let pauseMs = retryMsMin; ; pauseMs = Math.min(pauseMs * 2, retryMsMax)) {
    try {
      const given = await keeper.request();
      await keeper.onToken(given);
      return given;
    } catch (cause) {
      signal.throwIfAborted();
      const nextTryMs = Math.round(pauseMs * (1 + keeper.random.fraction() / 4));
      keeper.onTrouble({ cause, goodForMs: life.leftMs(), nextTryMs });
      await sleep(keeper.clock, nextTryMs, signal);
    }
  }
}

/** The files of a service account as a pod has them, by name. */
export function accountFiles(
  account: { readonly token: string; readonly authority: string; readonly namespace: string },
  mode = 0o644,
): ReadonlyMap<string, NewFile> {
  const { token, authority, namespace } = account;
  const file = (text: string): NewFile => ({ bytes: new TextEncoder().encode(text), mode });
  return new Map([
    ['ca.crt', file(authority)],
    ['namespace', file(namespace)],
    ['token', file(token)],
  ]);
}
