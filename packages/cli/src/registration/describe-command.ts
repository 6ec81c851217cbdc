import { addClusterFlags } from '../connection/cluster-flags.ts';
import { addFileFlags, addLabelFlag } from '../selection/selection-flags.ts';
import type { Register } from './registration.ts';

/** Registers `describe`. */
export const registerDescribe: Register = (describe, { context, withGlobals }) => {
  addLabelFlag(addFileFlags(describe))
    .usage('TYPE [NAME_PREFIX | NAME...] | TYPE/NAME... | -f FILE [flags]')
    .argument('[resources...]', 'as in: pods, pod web, deploy/web svc/web, svc,ep')
    .option('-A, --all-namespaces', 'in every namespace')
    .option('--show-events [boolean]', 'what has happened to each object', 'true')
    .option('--chunk-size <count>', 'objects per request; 0 asks for all at once', '500');
  addClusterFlags(describe).action(async (resources: readonly string[], flags) =>
    (await import('../commands/describe.ts')).describe(context, resources, withGlobals(flags)),
  );
};
