import type { CertifiedKey } from '@fairway/certificates';
import type { Host } from '@fairway/host';
import { CommandError } from '../command-error.ts';
import { FlagFiles } from './flag-files.ts';
import { readKey, requireCertificate } from './read-pem.ts';

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
  if ((proxyClientCertFile === undefined) !== (proxyClientKeyFile === undefined)) {
    const both = '--proxy-client-cert-file and --proxy-client-key-file';
    throw new CommandError(`${both} belong together; give both or none`);
  }
  const files = new FlagFiles(host);
  const [certificate, key] = await Promise.all([
    files.read('--proxy-client-cert-file', proxyClientCertFile, requireCertificate),
    files.read('--proxy-client-key-file', proxyClientKeyFile, readKey),
  ]);
  return certificate === undefined || key === undefined ? byDefault : { certificate, key };
}
