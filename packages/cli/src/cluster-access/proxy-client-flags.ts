import type { CertifiedKey } from '@fairway/certificates';
import type { Host } from '@fairway/host';
import { FlagFiles } from './flag-files.ts';
import { readClientPair } from './read-client-pair.ts';

/** As whom a server comes to the servers behind APIServices, in the flags of a kube-apiserver. */
export interface ProxyClientFlags {
  readonly proxyClientCertFile?: string;
  readonly proxyClientKeyFile?: string;
}

/**
 * Reads the files that the flags name; without flags it is as given.
 *
 * Errors: `CommandError` for files that cannot be used, and for one of them alone.
 */
export async function readProxyClient(
  host: Pick<Host, 'files' | 'environment'>,
  { proxyClientCertFile, proxyClientKeyFile }: ProxyClientFlags,
  byDefault: CertifiedKey | undefined,
): Promise<CertifiedKey | undefined> {
  const given = await readClientPair(new FlagFiles(host), {
    certificate: { flag: '--proxy-client-cert-file', path: proxyClientCertFile },
    key: { flag: '--proxy-client-key-file', path: proxyClientKeyFile },
  });
  return given ?? byDefault;
}
