import { resolve } from 'node:path';
import { Secret } from '@fairway/host';
import { parseBootstrapToken } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';

/** How a user says which cluster a machine is to join, in the words of kubeadm and kubelet. */
export interface JoinFlags {
  readonly join?: string;
  readonly token?: string;
  readonly discoveryTokenCaCertHash?: readonly string[];
  readonly discoveryTokenUnsafeSkipCaVerification?: boolean;
  readonly bootstrapKubeconfig?: string;
}

/** Which cluster is to be joined, and what shows that one may. */
export type JoinWish =
  | {
      readonly kind: 'token';
      readonly server: string;
      readonly token: Secret;
      /** Undefined: whoever has the token is believed. */
      readonly pins: readonly string[] | undefined;
    }
  | { readonly kind: 'kubeconfig'; readonly path: string };

/** Reads them; undefined where none of them is given. Errors: `CommandError`. */
export function readJoinFlags(flags: JoinFlags, workingDirectory: string): JoinWish | undefined {
  const { join, token: text, bootstrapKubeconfig } = flags;
  if (bootstrapKubeconfig !== undefined) {
    if (join === undefined && text === undefined) {
      return { kind: 'kubeconfig', path: resolve(workingDirectory, bootstrapKubeconfig) };
    }
    const why = 'it names the server and the token';
    throw new CommandError(`--bootstrap-kubeconfig excludes --join and --token: ${why}`);
  }
  if (join === undefined && text === undefined) return undefined;
  if (join === undefined) throw new CommandError(`--token without --join: ${printed}`);
  const server = serverOf(join);
  if (text === undefined) throw new CommandError(`--join without --token: ${printed}`);
  if (parseBootstrapToken(text) === undefined) {
    const form = 'it is ID.SECRET, of 6 and 16 letters of a-z and 0-9';
    throw new CommandError(`cannot use --token: ${form}; ${printed}`);
  }
  return { kind: 'token', server, token: new Secret(text), pins: pinsOf(flags) };
}

const printed = '`fairway token create --print-join-command` prints the whole command';

function serverOf(text: string): string {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`);
  const isOrigin = url?.pathname === '/' && url.search === '' && url.hash === '';
  if (url?.protocol === 'https:' && isOrigin && url.username === '') return url.origin;
  throw new CommandError(
    `cannot use --join ${JSON.stringify(text)}: write https://HOST:PORT, as of the API server`,
  );
}

function pinsOf({
  discoveryTokenCaCertHash: pins = [],
  discoveryTokenUnsafeSkipCaVerification: isUnsafe = false,
}: JoinFlags): readonly string[] | undefined {
  const wrong = pins.find((pin) => !/^sha256:[0-9a-f]{64}$/i.test(pin));
  if (wrong !== undefined) {
    const form = 'write sha256: and 64 hexadecimal digits';
    throw new CommandError(
      `cannot use --discovery-token-ca-cert-hash ${JSON.stringify(wrong)}: ${form}`,
    );
  }
  if (pins.length > 0) return pins.map((pin) => pin.toLowerCase());
  if (isUnsafe) return undefined;
  const why = 'without it whoever has the token could pretend to be the cluster';
  throw new CommandError(
    `--join without --discovery-token-ca-cert-hash: ${why}; ${printed}, or say --discovery-token-unsafe-skip-ca-verification`,
  );
}
