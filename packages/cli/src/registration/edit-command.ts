import { addClusterFlags } from '../connection/cluster-flags.ts';
import { addFileFlags, addLabelFlag } from '../selection/selection-flags.ts';
import { addValidateFlag } from '../writes/write-flags.ts';
import type { Register } from './registration.ts';

const explanation = `
The editor is that of KUBE_EDITOR or EDITOR, or vi. What the server refuses is opened again, with the reason; a text that
could not be saved stays in its file, which is named.`;

/** Registers `edit`. */
export const registerEdit: Register = (command, { context, withGlobals }) => {
  command
    .usage('TYPE NAME | TYPE/NAME... | -f FILE [flags]')
    .argument('[resources...]', 'as in: deploy web, svc/web')
    .option('-o, --output <format>', 'yaml or json', 'yaml')
    .option('--output-patch', 'print what is sent')
    .option('--subresource <name>', 'a part of it: status')
    .option('--field-manager <name>', 'who owns the fields that are written', 'kubectl-edit')
    .addHelpText('after', explanation);
  addValidateFlag(addLabelFlag(addFileFlags(command)));
  addClusterFlags(command).action(async (words: readonly string[], flags) =>
    (await import('../commands/edit.ts')).edit(context, words, withGlobals(flags)),
  );
};
