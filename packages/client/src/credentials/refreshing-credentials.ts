import type { Clock } from '@fairway/host';
import type { Credential, Credentials } from '../cluster-target.ts';

export interface RefreshOptions {
  readonly clock: Clock;
  /** Gets a credential anew. Never runs twice at the same time. */
  load(): Promise<Credential>;
  /** Load again when the last successful load is this old. Absent: only by expiry and after 401. */
  readonly ageMsMax?: number;
  /**
   * When given, a failed load is reported here and the old credential stays in use, if there is
   * one. When not, the failure is thrown.
   */
  onFailure?(error: unknown): void;
}

/** A credential this close to its expiry is not sent any more. */
export const expiryLeewayMs = 10_000;

/**
 * Credentials that are loaded when first asked for, and again when they are old, about to expire,
 * or refused by the server. Callers who ask at the same time share one load.
 */
export function refreshingCredentials(options: RefreshOptions): Credentials {
  const { clock, ageMsMax = Number.POSITIVE_INFINITY, onFailure } = options;
  let held: { readonly credential: Credential; readonly loadedAt: number } | undefined;
  let refused: Credential | undefined;
  let pending: Promise<Credential> | undefined;

  function isUsable({
    credential,
    loadedAt,
  }: {
    credential: Credential;
    loadedAt: number;
  }): boolean {
    if (credential === refused || clock.elapsed() - loadedAt >= ageMsMax) return false;
    const { expiresMs } = credential;
    return expiresMs === undefined || clock.now() < expiresMs - expiryLeewayMs;
  }

  async function reload(): Promise<Credential> {
    refused = undefined;
    try {
      const loaded = await options.load();
      const credential = held === undefined ? loaded : keepIdentity(held.credential, loaded);
      held = { credential, loadedAt: clock.elapsed() };
      return credential;
    } catch (error) {
      if (held === undefined || onFailure === undefined) throw error;
      onFailure(error);
      return held.credential;
    } finally {
      pending = undefined;
    }
  }

  return {
    async current() {
      if (held !== undefined && isUsable(held)) return held.credential;
      pending ??= reload();
      return pending;
    },
    invalidate(credential) {
      if (held?.credential === credential && pending === undefined) refused = credential;
    },
  };
}

/** The old objects where nothing changed, so that comparing references shows what is new. */
function keepIdentity(old: Credential, loaded: Credential): Credential {
  const isSameHeader = old.authorization?.reveal() === loaded.authorization?.reveal();
  const isSameCertificate =
    old.clientCertificate?.certificate === loaded.clientCertificate?.certificate &&
    old.clientCertificate?.key.reveal() === loaded.clientCertificate?.key.reveal();
  if (isSameHeader && isSameCertificate && old.expiresMs === loaded.expiresMs) return old;
  if (!isSameCertificate || old.clientCertificate === undefined) return loaded;
  return { ...loaded, clientCertificate: old.clientCertificate };
}
