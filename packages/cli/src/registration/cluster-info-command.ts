import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { Register } from './registration.ts';

/** Registers `cluster-info`. */
export const registerClusterInfo: Register = (clusterInfo, { context, withGlobals }) => {
  addClusterFlags(clusterInfo).action(async (flags) =>
    (await import('../commands/cluster-info.ts')).clusterInfo(context, withGlobals(flags)),
  );
};
