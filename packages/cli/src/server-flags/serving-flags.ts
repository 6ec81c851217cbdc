import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { CommandError } from '../command-error.ts';

/** Where a server listens and what it shows there, by the flags of a kube-apiserver. */
export interface ServingFlags {
  readonly bindAddress?: string;
  readonly securePort?: string;
  readonly advertiseAddress?: string;
  readonly certDir?: string;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
}

/** The files of a certificate and its key. Absolute. */
export interface ServingFiles {
  readonly certificate: string;
  readonly key: string;
  /** Whether they are made where neither is there. */
  readonly areMade: boolean;
}

/**
 * Reads `--bind-address` and `--secure-port`; what neither says is as given.
 *
 * Errors: `CommandError` for what is no address and no port, and for port 0 where `allowsAnyPort` is false.
 */
export function listenPlace(
  { bindAddress, securePort }: ServingFlags,
  byDefault: { readonly host: string; readonly port: number; readonly allowsAnyPort: boolean },
): { readonly host: string; readonly port: number } {
  if (bindAddress !== undefined) requireAddress('--bind-address', bindAddress);
  const host = bindAddress ?? byDefault.host;
  if (securePort === undefined) return { host, port: byDefault.port };
  const port = Number(securePort);
  const least = byDefault.allowsAnyPort ? 0 : 1;
  if (/^\d{1,5}$/.test(securePort) && port >= least && port <= 65_535) return { host, port };
  const shown = JSON.stringify(securePort);
  throw new CommandError(`cannot use --secure-port ${shown}: it is no port from ${least} to 65535`);
}

/** Errors: `CommandError` for what is no address. */
export function advertisedHost({ advertiseAddress }: ServingFlags): string | undefined {
  if (advertiseAddress !== undefined) requireAddress('--advertise-address', advertiseAddress);
  return advertiseAddress;
}

/**
 * Which files the server's certificate and key are in; undefined when no flag says. A pair of files
 * counts more than a folder, in which they are made when they are not there.
 *
 * Errors: `CommandError` for one of the pair alone.
 */
export function servingFilesOf(
  flags: ServingFlags & { readonly certDir: string },
  workingDirectory: string,
): ServingFiles;
export function servingFilesOf(
  flags: ServingFlags,
  workingDirectory: string,
): ServingFiles | undefined;
export function servingFilesOf(
  { certDir, tlsCertFile, tlsPrivateKeyFile }: ServingFlags,
  workingDirectory: string,
): ServingFiles | undefined {
  const absolute = (path: string): string => resolve(workingDirectory, path);
  if (tlsCertFile !== undefined && tlsPrivateKeyFile !== undefined) {
    const [certificate, key] = [absolute(tlsCertFile), absolute(tlsPrivateKeyFile)];
    return { certificate, key, areMade: false };
  }
  if (tlsCertFile !== undefined || tlsPrivateKeyFile !== undefined) {
    const why = 'a certificate and its key go together';
    throw new CommandError(`cannot use --tls-cert-file without --tls-private-key-file: ${why}`);
  }
  if (certDir === undefined) return undefined;
  const [certificate, key] = ['apiserver.crt', 'apiserver.key'].map((name) =>
    absolute(`${certDir}/${name}`),
  ) as [string, string];
  return { certificate, key, areMade: true };
}

function requireAddress(flag: string, text: string): void {
  if (isIP(text) !== 0) return;
  throw new CommandError(`cannot use ${flag} ${JSON.stringify(text)}: it is no IP address`);
}
