import type { Host } from '@fairway/host';
import { parseDuration } from '@fairway/protocol';
import { CommandError } from '../command-error.ts';
import { FlagFiles } from './flag-files.ts';
import type { KubeletTrust } from './kubelet-connections.ts';
import { readClientPair } from './read-client-pair.ts';
import { requireCertificate } from './read-pem.ts';

/** How a server reaches kubelets, in the flags of a kube-apiserver. */
export interface KubeletFlags {
  readonly kubeletClientCertificate?: string;
  readonly kubeletClientKey?: string;
  readonly kubeletCertificateAuthority?: string;
  readonly kubeletPreferredAddressTypes?: readonly string[];
  readonly kubeletTimeout?: string;
}

const addressTypes = ['Hostname', 'InternalDNS', 'InternalIP', 'ExternalDNS', 'ExternalIP'];

/** Which addresses of nodes are taken, the first ones first; undefined when no flag says. Errors: `CommandError`. */
export function preferredAddressTypes(flags: KubeletFlags): readonly string[] | undefined {
  const { kubeletPreferredAddressTypes: types } = flags;
  const unknown = types?.find((type) => !addressTypes.includes(type));
  if (unknown === undefined) return types;
  const why = `it is none of ${addressTypes.join(', ')}`;
  const flag = '--kubelet-preferred-address-types';
  throw new CommandError(`cannot use ${flag} ${JSON.stringify(unknown)}: ${why}`);
}

/**
 * Reads the files that the flags name; what no flag names is as given.
 *
 * Errors: `CommandError` for files that cannot be used, and for one of a pair alone.
 */
export async function readKubeletTrust(
  host: Pick<Host, 'files' | 'environment'>,
  flags: KubeletFlags,
  byDefault: KubeletTrust,
): Promise<KubeletTrust> {
  const files = new FlagFiles(host);
  const { kubeletClientCertificate, kubeletClientKey, kubeletCertificateAuthority } = flags;
  const [client, authority] = await Promise.all([
    readClientPair(files, {
      certificate: { flag: '--kubelet-client-certificate', path: kubeletClientCertificate },
      key: { flag: '--kubelet-client-key', path: kubeletClientKey },
    }),
    files.read('--kubelet-certificate-authority', kubeletCertificateAuthority, requireCertificate),
  ]);
  const connectTimeoutMs = timeoutOf(flags);
  return {
    ...byDefault,
    ...(client && { client }),
    ...(authority === undefined ? {} : { certificateAuthority: authority }),
    ...(connectTimeoutMs === undefined ? {} : { connectTimeoutMs }),
  };
}

function timeoutOf({ kubeletTimeout: text }: KubeletFlags): number | undefined {
  if (text === undefined) return undefined;
  const timeoutMs = parseDuration(text);
  if (timeoutMs !== undefined && timeoutMs > 0) return timeoutMs;
  const why = 'it is a time as 5s or 1m';
  throw new CommandError(`cannot use --kubelet-timeout ${JSON.stringify(text)}: ${why}`);
}
