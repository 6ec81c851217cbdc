import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { Register } from './registration.ts';

/** Registers `typegen`: TypeScript for what a cluster has of its own. */
export const registerTypegen: Register = (command, { context, withGlobals }) => {
  command.option('--out <dir>', 'where to write them, a folder per group', 'kinds');
  addClusterFlags(command).action(async (flags) =>
    (await import('../commands/typegen.ts')).typegen(context, withGlobals(flags)),
  );
};
