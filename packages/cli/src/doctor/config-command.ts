import { quotedPath } from '../quoted-path.ts';
import type { Facts, Tools } from './step.ts';

/** Fields of a cluster that flags say, too. */
type ClusterField = 'server' | 'certificate-authority' | 'tls-server-name';

/** The line that changes the cluster: in the kubeconfig that it comes from, or by the flag where it comes from flags. */
export function setCluster(
  { flags }: Pick<Tools, 'flags'>,
  { selection }: Facts,
  [field, value]: readonly [ClusterField | 'proxy-url', string],
): string {
  const words = `--${field}=${quotedPath(value)}`;
  const said = {
    server: flags.server,
    'certificate-authority': flags.server ?? flags.certificateAuthority,
    'tls-server-name': flags.server ?? flags.tlsServerName,
    'proxy-url': undefined,
  }[field];
  const { clusterName = '' } = selection ?? {};
  if (said !== undefined || clusterName === '') {
    return `\`fairway doctor ${words}\`  # and the other flags as before`;
  }
  return configLine(flags.kubeconfig, ['set-cluster', quotedPath(clusterName), words]);
}

/** The line that changes the user of a kubeconfig. */
export function setCredentials(
  { flags }: Pick<Tools, 'flags'>,
  { selection }: Facts,
  words: readonly string[],
): string {
  const name = selection?.userName || 'NAME';
  return configLine(flags.kubeconfig, ['set-credentials', quotedPath(name), ...words]);
}

/** `fairway config WORDS`, for the kubeconfig that was named. */
export function configLine(kubeconfig: string | undefined, words: readonly string[]): string {
  const file = kubeconfig === undefined ? [] : [`--kubeconfig=${quotedPath(kubeconfig)}`];
  return `\`fairway config ${[...words, ...file].join(' ')}\``;
}
