import {
  type AdminAccess,
  type KubeconfigHost,
  type KubeconfigPlace,
  isOwnFile,
} from './kubeconfig-place.ts';
import { writeSoleKubeconfig } from './sole-kubeconfig.ts';

/**
 * Adds the cluster, its administrator and a context to the file, or brings up to date what it
 * added before, and makes the context the current one. Everything else in the file stays.
 *
 * Errors: `CommandError` when the file cannot be changed, or others have entries of these names.
 */
export async function addToKubeconfig(
  host: KubeconfigHost,
  place: KubeconfigPlace,
  access: AdminAccess,
): Promise<void> {
  if (await writeSoleKubeconfig(host, place, access)) return;
  const { addToSharedKubeconfig } = await import('./shared-kubeconfig.ts');
  await addToSharedKubeconfig(host, place, access);
}

/** Throws what `addToKubeconfig` would throw, and changes nothing. */
export async function checkKubeconfig(host: KubeconfigHost, place: KubeconfigPlace): Promise<void> {
  if (await writeSoleKubeconfig(host, place)) return;
  const { checkSharedKubeconfig } = await import('./shared-kubeconfig.ts');
  await checkSharedKubeconfig(host, place);
}

/**
 * Takes the entries of the cluster out of the file again, under whatever name they have by now, and
 * makes the context current that was it before. The file in the data directory stays as it is: it
 * is the cluster's own, and shells that use it find the cluster when it starts again.
 *
 * Answers whether there was something to take out. Errors: `CommandError`.
 */
export async function removeFromKubeconfig(
  host: KubeconfigHost,
  place: KubeconfigPlace,
): Promise<boolean> {
  if (isOwnFile(place) || (await host.files.stat(place.path)) === undefined) return false;
  const { removeFromSharedKubeconfig } = await import('./shared-kubeconfig.ts');
  return removeFromSharedKubeconfig(host, place);
}

/**
 * Cleans up after a cluster that was killed: takes its entries out of the file that it recorded.
 * Answers that file, or undefined when nothing was in it.
 */
export async function removeAbandonedEntries(
  host: KubeconfigHost,
  gone: { readonly kubeconfig?: string } | undefined,
  dataDirectory: string,
): Promise<string | undefined> {
  const path = gone?.kubeconfig;
  if (path === undefined) return undefined;
  return (await removeFromKubeconfig(host, { path, dataDirectory })) ? path : undefined;
}
