import type { GivenToken } from '@fairway/client';
import { type Clock, type NewFile, type Random, sleep } from '@fairway/host';
import { type TokenLife, tokenLife } from './token-life.ts';

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
      const life = tokenLife(keeper.clock, current);
      for (let dueMs = life.dueMs(); dueMs > 0; dueMs = life.dueMs()) {
        await sleep(keeper.clock, Math.min(dueMs, lookMs), signal);
      }
      current = await renew(keeper, life, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function renew(
  keeper: TokenKeeper,
  life: TokenLife,
  signal: AbortSignal,
): Promise<GivenToken> {
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
