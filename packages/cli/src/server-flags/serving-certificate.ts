import { X509Certificate, createPrivateKey } from 'node:crypto';
import { dirname } from 'node:path';
import type { CertifiedKey } from '@fairway/certificates';
import { type Host, Secret } from '@fairway/host';
import { CommandError } from '../command-error.ts';
import type { ServingFiles } from './serving-flags.ts';

/** What a server shows who connects. */
export interface ServingCertificate {
  readonly certificate: CertifiedKey;
  /** In PEM: by which clients know it. */
  readonly trusted: string;
}

/**
 * Reads the certificate and key of a server; where neither is there and they may be made, writes what
 * `make` makes, followed by its authority.
 *
 * Errors: `CommandError` for files that do not exist, do not belong together or are not valid now.
 */
export async function readServingCertificate(
  { files, clock }: Pick<Host, 'files' | 'clock'>,
  paths: ServingFiles,
  make: () => Promise<ServingCertificate>,
): Promise<ServingCertificate> {
  const certificate = textOf(await files.read(paths.certificate));
  const key = textOf(await files.read(paths.key));
  if (certificate === undefined && key === undefined && paths.areMade) {
    const { certificate: made, trusted } = await make();
    const chain = `${made.certificate.trimEnd()}\n${trusted}`;
    await files.makeDirectory(dirname(paths.certificate), { mode: 0o700 });
    await files.write(paths.key, Buffer.from(made.key.reveal()), { mode: 0o600 });
    await files.write(paths.certificate, Buffer.from(chain), { mode: 0o644 });
    return { certificate: { certificate: chain, key: made.key }, trusted };
  }
  if (certificate === undefined) throw refuse(paths.certificate, 'there is no such file');
  if (key === undefined) throw refuse(paths.key, 'there is no such file');
  expectPair(paths, { certificate, key, nowMs: clock.now() });
  return { certificate: { certificate, key: new Secret(key) }, trusted: certificate };
}

function expectPair(
  paths: ServingFiles,
  { certificate, key, nowMs }: { certificate: string; key: string; nowMs: number },
): void {
  const parsed = read(paths.certificate, 'a certificate', () => new X509Certificate(certificate));
  const secret = read(paths.key, 'a key', () => createPrivateKey(key));
  if (!parsed.checkPrivateKey(secret)) throw refuse(paths.key, 'it belongs to another certificate');
  const { validFrom, validTo } = parsed;
  if (Date.parse(validFrom) <= nowMs && nowMs <= Date.parse(validTo)) return;
  const remedy = paths.areMade ? '; remove it and its key, and new ones are made' : '';
  throw refuse(paths.certificate, `it is valid from ${validFrom} to ${validTo} only${remedy}`);
}

function read<T>(path: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw refuse(path, `it does not begin with ${what} in PEM`, cause);
  }
}

function refuse(path: string, why: string, cause?: unknown): CommandError {
  return new CommandError(`cannot serve with ${path}: ${why}`, { cause });
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}
