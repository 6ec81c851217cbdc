import { resolve } from 'node:path';
import { CommandError } from '../command-error.ts';
import { truthOf } from '../flag-values.ts';
import { parseListenFlag } from '../cluster/listen-flag.ts';

/** What test environments say to etcd. Those without a use here are accepted, as nothing depends on them. */
export interface EtcdFlags {
  readonly dataDir: string;
  readonly listenClientUrls: readonly string[];
  readonly unsafeNoFsync?: string | boolean;
}

/** Errors: `CommandError` for what is no plain URL with a port. */
export function readEtcdFlags(
  flags: EtcdFlags,
  workingDirectory: string,
): {
  readonly at: readonly { readonly host: string; readonly port: number }[];
  readonly directory: string;
  readonly survivesPowerLoss: boolean;
} {
  return {
    at: flags.listenClientUrls.map(placeOf),
    directory: resolve(workingDirectory, flags.dataDir, 'fairway'),
    survivesPowerLoss: truthOf('--unsafe-no-fsync', flags.unsafeNoFsync) !== true,
  };
}

function placeOf(url: string): { readonly host: string; readonly port: number } {
  const [, place] = /^http:\/\/([^/]+)\/?$/.exec(url) ?? [];
  if (place !== undefined) return parseListenFlag(place);
  const why = 'it is not http://HOST:PORT, and etcd over TLS has no stand-in';
  throw new CommandError(`cannot use --listen-client-urls ${url}: ${why}`);
}
