import type { Clock, Files, Logger } from '@fairway/host';
import { credentialBytesMax } from './reloading-file.ts';
import { bearerCredential, type Credentials } from '../cluster-target.ts';
import { refreshingCredentials } from './refreshing-credentials.ts';

/** A token read from a file counts for a minute, of which the last ten seconds are not used. */
export const tokenFileAgeMsMax = 50_000;

/**
 * A bearer token that somebody else keeps fresh in a file, as the kubelet does.
 *
 * Once it has been read, a file that cannot be read or is empty leaves the old token in use and is
 * reported to the logger. Source: bound service account tokens, KEP-1205.
 */
export function tokenFileCredentials(
  host: { readonly files: Files; readonly clock: Clock; readonly logger: Logger },
  path: string,
): Credentials {
  const { files, clock, logger } = host;
  return refreshingCredentials({
    clock,
    ageMsMax: tokenFileAgeMsMax,
    load: async () => bearerCredential(await readToken(files, path)),
    onFailure: (error) =>
      logger.warn('token file not usable, keeping the old token', { path, error }),
  });
}

/**
 * The token in a file, without surrounding blanks.
 *
 * Errors: throws when there is no such file or it holds no token.
 */
export async function readToken(files: Files, path: string): Promise<string> {
  const bytes = await files.read(path, { bytesMax: credentialBytesMax });
  if (bytes === undefined) throw new Error(`cannot read the token file ${path}: no such file`);
  const token = new TextDecoder().decode(bytes).trim();
  if (token === '') throw new Error(`cannot use the token file ${path}: it is empty`);
  if (/[^\x21-\x7e]/.test(token)) {
    throw new Error(`cannot use the token file ${path}: it holds characters no token has`);
  }
  return token;
}
