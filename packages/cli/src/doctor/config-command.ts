import { quotedPath } from '../quoted-path.ts';
import type { Facts, Tools } from './step.ts';

/** The line that changes the cluster of a kubeconfig; for a cluster of no file, the flags to repeat. */
export function setCluster(
  { flags }: Pick<Tools, 'flags'>,
  { selection }: Facts,
  changes: Readonly<Record<string, string>>,
): string {
  const words = Object.entries(changes).map(([flag, value]) => `--${flag}=${quoted(value)}`);
  if (selection === undefined || selection.clusterName === '') {
    return `\`fairway doctor ${words.join(' ')}\`  # with the flags of before`;
  }
  return configLine(flags.kubeconfig, ['set-cluster', quoted(selection.clusterName), ...words]);
}

/** The line that changes the user of a kubeconfig. */
export function setCredentials(
  { flags }: Pick<Tools, 'flags'>,
  { selection }: Facts,
  words: readonly string[],
): string {
  const name = selection?.userName || 'NAME';
  return configLine(flags.kubeconfig, ['set-credentials', quoted(name), ...words]);
}

/** `fairway config WORDS`, for the kubeconfig that was named. */
export function configLine(kubeconfig: string | undefined, words: readonly string[]): string {
  const file = kubeconfig === undefined ? [] : [`--kubeconfig=${quotedPath(kubeconfig)}`];
  return `\`fairway config ${[...words, ...file].join(' ')}\``;
}

/** A word as a shell reads it, placeholders left as they are. */
export function quoted(word: string): string {
  return quotedPath(word);
}
