import { type Clock, Secret } from '@fairway/host';
import { bearerCredential, type Credential, type Credentials } from '../cluster-target.ts';
import { refreshingCredentials } from './refreshing-credentials.ts';

/** What a program's own way of getting credentials answers. */
export interface MintedCredential {
  readonly token?: string | Secret;
  /** Both as PEM; given together or not at all. */
  readonly certificate?: string;
  readonly key?: string | Secret;
  readonly expires?: Date | undefined;
}

/**
 * Credentials from the program itself: called when first needed, shortly before `expires`, and
 * once after a 401; never twice at the same time.
 */
export function customCredentials(
  clock: Clock,
  mint: () => Promise<MintedCredential>,
): Credentials {
  return refreshingCredentials({ clock, load: async () => credentialOf(await mint()) });
}

function credentialOf({ token, certificate, key, expires }: MintedCredential): Credential {
  if ((certificate === undefined) !== (key === undefined)) {
    throw new TypeError('credentials: a certificate and its key come together; give both or none');
  }
  if (expires !== undefined && Number.isNaN(expires.getTime())) {
    throw new TypeError('credentials: expires is no valid Date');
  }
  return {
    ...(token === undefined ? {} : bearerCredential(token)),
    ...(certificate === undefined || key === undefined
      ? {}
      : {
          clientCertificate: { certificate, key: typeof key === 'string' ? new Secret(key) : key },
        }),
    ...(expires === undefined ? {} : { expiresMs: expires.getTime() }),
  };
}
