import { addClusterFlags } from '../connection/cluster-flags.ts';
import { addFileFlags, addLabelFlag } from '../selection/selection-flags.ts';
import type { Register } from './registration.ts';

const explanation = `
The exit code is 0 where nothing would change, 1 where something would, and more than 1 where that could not be found
out. KUBECTL_EXTERNAL_DIFF names a program that shows the differences instead: "colordiff -N -u", "meld".`;

/** Registers `diff`. */
export const registerDiff: Register = (command, { context, withGlobals, onEnd }) => {
  command
    .usage('-f FILE [flags]')
    .argument('[words...]')
    .option('--server-side', 'as of apply --server-side')
    .option('--force-conflicts', 'take over fields of others; with --server-side')
    .option('--field-manager <name>', 'who would own the fields that are written')
    .addHelpText('after', explanation);
  addClusterFlags(addLabelFlag(addFileFlags(command))).action(
    async (words: readonly string[], flags) => {
      // Until it is known whether there is any, this is neither yes nor no.
      onEnd(2);
      onEnd(await (await import('../commands/diff.ts')).diff(context, words, withGlobals(flags)));
    },
  );
};
