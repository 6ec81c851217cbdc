import {
  type Kubeconfig,
  type KubeconfigLocation,
  type Selection,
  loadKubeconfig,
} from '@fairway/client/kubeconfig';
import type { Files } from '@fairway/host';

/** What the merge of several kubeconfigs hides from its user. */
export interface MergedFiles {
  readonly absent: readonly string[];
  /** Entries of files that come later, with the names of those that count. */
  readonly shadowed: readonly Shadowed[];
}

export interface Shadowed {
  readonly what: string;
  readonly file: string;
}

/** Looks into each file of a location for what another one before it hides. */
export async function lookIntoFiles(
  files: Files,
  location: KubeconfigLocation,
  selection: Selection,
): Promise<MergedFiles> {
  if (location.files.length < 2) return { absent: [], shadowed: [] };
  const absent: string[] = [];
  const shadowed: Shadowed[] = [];
  for (const file of location.files) {
    if ((await files.stat(file)) === undefined) absent.push(file);
    else {
      const alone = await loadKubeconfig(files, { ...location, files: [file] });
      shadowed.push(...shadowedIn(alone, file, selection));
    }
  }
  return { absent, shadowed };
}

function shadowedIn(
  { clusters, users }: Kubeconfig,
  file: string,
  { clusterName, clusterFile, userName, userFile }: Selection,
): readonly Shadowed[] {
  const found: Shadowed[] = [];
  if (file !== clusterFile && clusters.has(clusterName)) {
    found.push({ what: `cluster ${JSON.stringify(clusterName)}`, file });
  }
  if (file !== userFile && users.has(userName)) {
    found.push({ what: `user ${JSON.stringify(userName)}`, file });
  }
  return found;
}
