import type { CommandContext } from '../command-context.ts';
import type { LayeredFlags } from '../proxy/flags-file.ts';
import { type ProxyFlags, proxy } from './proxy.ts';

/** What `proxy` has and a sidecar has no use for, with the values that leave it out. */
const unused = {
  apiPrefix: '/',
  www: '',
  wwwPrefix: '/static/',
  isInCluster: true,
} as const satisfies Partial<ProxyFlags>;

export type AmbassadorFlags = Omit<ProxyFlags, keyof typeof unused>;

/** Serves the API of the cluster that this pod is in to its other containers, in the clear. */
export async function ambassador(
  context: CommandContext,
  flags: AmbassadorFlags,
  layered: LayeredFlags<AmbassadorFlags>,
): Promise<void> {
  await proxy(
    context,
    { ...flags, ...unused },
    { with: async (path, text) => ({ ...(await layered.with(path, text)), ...unused }) },
  );
}
