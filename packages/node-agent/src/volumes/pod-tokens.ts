import type { GivenToken } from '@fairway/client';
import type { Clock, Logger } from '@fairway/host';
import { type TokenLife, tokenLife } from '../service-account/token-life.ts';
import type { PodTokenWish, VolumeSources } from '../sources/volume-sources.ts';

interface HeldToken {
  readonly given: GivenToken;
  readonly life: TokenLife;
}

/** The tokens in the volumes of pods: each is used until it is to be replaced. */
export class PodTokens {
  readonly #held = new Map<string, Map<string, HeldToken>>();
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** A token that is good for a while. Errors: those of the API, when none is left that still is. */
  async get(podUid: string, wish: PodTokenWish, sources: VolumeSources): Promise<string> {
    const ofPod = this.#held.get(podUid) ?? new Map<string, HeldToken>();
    this.#held.set(podUid, ofPod);
    const name = `${wish.expirationSeconds} ${wish.audience ?? ''}`;
    const held = ofPod.get(name);
    if (held !== undefined && held.life.dueMs() > 0) return held.given.token;
    try {
      const given = await sources.token(wish);
      ofPod.set(name, { given, life: tokenLife(this.#clock, given) });
      return given.token;
    } catch (cause) {
      if (held === undefined || held.life.leftMs() <= 0) throw cause;
      const goodForMs = held.life.leftMs();
      this.#logger.warn('a token was not replaced', { podUid, goodForMs, cause: String(cause) });
      return held.given.token;
    }
  }

  forget(podUid: string): void {
    this.#held.delete(podUid);
  }
}
