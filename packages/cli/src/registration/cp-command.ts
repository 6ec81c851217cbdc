import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { Register } from './registration.ts';

/** Registers `cp`. */
export const registerCp: Register = (command, { context, withGlobals }) => {
  command
    .usage('FILE [NAMESPACE/]POD:FILE | [NAMESPACE/]POD:FILE FILE [flags]')
    .argument('[files...]', 'as in: notes.txt web:/tmp/notes.txt, web:/var/log logs')
    .option('-c, --container <name>', 'the container; its default or first one unless told')
    .option('--no-preserve', 'owner and permissions in the container as of any new file')
    .option(
      '--retries <count>',
      'how often a copy out of a container goes on after a lost connection; below 0 is without end',
      '0',
    );
  addClusterFlags(command).action(async (words: readonly string[], flags) =>
    (await import('../commands/cp.ts')).cp(context, words, withGlobals(flags)),
  );
};
