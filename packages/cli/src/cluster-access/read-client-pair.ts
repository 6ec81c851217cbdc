import type { CertifiedKey } from '@fairway/certificates';
import { CommandError } from '../command-error.ts';
import type { FlagFile, FlagFiles } from './flag-files.ts';
import { readKey, requireCertificate } from './read-pem.ts';

/** A file that a flag may name. */
interface GivenFile extends Pick<FlagFile, 'flag'> {
  readonly path: string | undefined;
}

/**
 * Reads the files of a certificate, as whom a server comes to others, and its key; undefined without the flags.
 *
 * Errors: `CommandError` for files that cannot be used, and for one of them alone.
 */
export async function readClientPair(
  files: FlagFiles,
  given: { readonly certificate: GivenFile; readonly key: GivenFile },
): Promise<CertifiedKey | undefined> {
  const [ofCertificate, ofKey] = [given.certificate, given.key];
  if ((ofCertificate.path === undefined) !== (ofKey.path === undefined)) {
    const both = `${ofCertificate.flag} and ${ofKey.flag}`;
    throw new CommandError(`${both} belong together; give both or none`);
  }
  const [certificate, key] = await Promise.all([
    files.read(ofCertificate.flag, ofCertificate.path, requireCertificate),
    files.read(ofKey.flag, ofKey.path, readKey),
  ]);
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}
