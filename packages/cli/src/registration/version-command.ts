import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { Register } from './registration.ts';

/** Registers `version`. */
export const registerVersion: Register = (version, { context, withGlobals }) => {
  version
    .option('--client', 'only that of this command')
    .option('-o, --output <format>', 'json or yaml');
  addClusterFlags(version).action(async (flags) =>
    (await import('../commands/version.ts')).version(context, withGlobals(flags)),
  );
};
