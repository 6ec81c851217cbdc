import { join } from 'node:path';
import type { NewFile } from '@fairway/host';
import { defaultServiceAccountDirectory, serviceAccountVariable } from '@fairway/client/kubeconfig';
import type { Road } from './choose-road.ts';

/** The volume of the account's files. */
export const accountVolume = 'serviceaccount';
/** The volume of a kubeconfig, for where programs do not find the account by themselves. */
export const kubeconfigVolume = 'kubeconfig';

/** What a program gets when its files are in a folder and not where it looks for them. */
export function variablesElsewhere(directory: string): Record<string, string> {
  return {
    [serviceAccountVariable]: join(directory, accountVolume),
    // Most clients look here first, and none must find its user's own rights.
    KUBECONFIG: join(directory, kubeconfigVolume, 'config'),
  };
}

/** A kubeconfig that says what is in those files. */
export function accountKubeconfig(
  directory: string,
  { host, port }: Road,
  namespace: string,
): ReadonlyMap<string, NewFile> {
  const folder = join(directory, accountVolume);
  const name = 'service-account';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
          'certificate-authority': join(folder, 'ca.crt'),
        },
      },
    ],
    users: [{ name, user: { tokenFile: join(folder, 'token') } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(config, undefined, 2)}\n`);
  return new Map([['config', { bytes, mode: 0o600 }]]);
}

/** What does not work then, in lines for the user. */
export function noteElsewhere({ directory, cause }: { directory: string; cause: string }): string {
  return `Warning: nothing can be mounted for one program alone here (${cause}).
  The account's files are in ${join(directory, accountVolume)}, which ${serviceAccountVariable} names, and KUBECONFIG names a configuration that says the same.
  Volumes of a pod are in ${join(directory, 'volumes')}.
  A program that looks in ${defaultServiceAccountDirectory} only, as "in-cluster" configuration of other clients does, finds nothing there.
`;
}
