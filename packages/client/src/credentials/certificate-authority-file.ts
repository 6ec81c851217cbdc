import type { Clock, Files } from '@fairway/host';
import { holdsCertificate } from '../kubeconfig/pem.ts';
import { reloadingFile } from './reloading-file.ts';

/** Looks at a file of certificate authorities at most this often. */
export const authorityCheckMsMin: number = 5 * 60_000;

/** Certificate authorities from a file that may be renewed; undefined while it never held any. */
export function certificateAuthorityFile(
  host: { readonly files: Files; readonly clock: Clock },
  path: string,
  initial: string | undefined,
): () => Promise<string | undefined> {
  const file = reloadingFile(host, {
    path,
    ...(initial === undefined ? {} : { initial }),
    checkMsMin: authorityCheckMsMin,
    isUsable: holdsCertificate,
  });
  return () => file.current();
}
