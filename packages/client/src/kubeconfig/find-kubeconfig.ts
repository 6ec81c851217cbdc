import type { Environment, Files } from '@fairway/host';
import { resolvePath } from './file-path.ts';

/** Which files make up the configuration. */
export interface KubeconfigLocation {
  /** Absolute, in order of precedence. */
  readonly files: readonly string[];
  /** `explicit`: one file, named by the caller, that must exist. */
  readonly source: 'explicit' | 'KUBECONFIG' | 'home';
}

/**
 * Says which kubeconfig files count: the one named, else those in `KUBECONFIG`, else the one in
 * the home directory. Does not look whether they exist.
 */
export async function findKubeconfig(
  host: { readonly files: Files; readonly environment: Environment },
  explicitPath?: string,
): Promise<KubeconfigLocation> {
  const { environment } = host;
  const { platform, workingDirectory } = environment;
  const absolute = (path: string): string => resolvePath(workingDirectory, path, platform);
  if (explicitPath !== undefined && explicitPath !== '') {
    return { files: [absolute(explicitPath)], source: 'explicit' };
  }
  const listed = environment.variables['KUBECONFIG'] ?? '';
  if (listed !== '') {
    const names = listed.split(platform === 'win32' ? ';' : ':').filter((name) => name !== '');
    return { files: [...new Set(names)].map(absolute), source: 'KUBECONFIG' };
  }
  const home = await findHome(host);
  if (home === undefined) return { files: [], source: 'home' };
  return { files: [resolvePath(home, '.kube/config', platform)], source: 'home' };
}

/** The home directory as kubectl finds it. */
async function findHome(host: {
  readonly files: Files;
  readonly environment: Environment;
}): Promise<string | undefined> {
  const { files, environment } = host;
  const { HOME, HOMEDRIVE, HOMEPATH, USERPROFILE } = environment.variables;
  if (environment.platform !== 'win32') return HOME || undefined;
  const driveAndPath = HOMEDRIVE && HOMEPATH ? HOMEDRIVE + HOMEPATH : undefined;
  const isSet = (path: string | undefined): path is string => path !== undefined && path !== '';
  for (const home of [HOME, driveAndPath, USERPROFILE].filter(isSet)) {
    if ((await files.stat(`${home}\\.kube\\config`)) !== undefined) return home;
  }
  const homes = [HOME, USERPROFILE, driveAndPath].filter(isSet);
  const facts = await Promise.all(homes.map((home) => files.stat(home)));
  const writable = homes.find((_, index) => ((facts[index]?.mode ?? 0) & 0o200) !== 0);
  return writable ?? homes.find((_, index) => facts[index] !== undefined) ?? homes[0];
}
