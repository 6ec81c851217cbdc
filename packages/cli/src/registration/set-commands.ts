import type { Command } from 'commander';
import { addClusterFlags } from '../connection/cluster-flags.ts';
import { append, appendNames } from '../flag-values.ts';
import { addFileFlags, addSelectorFlags } from '../selection/selection-flags.ts';
import { addWriteFlags } from '../writes/write-flags.ts';
import type { Register } from './registration.ts';

/** Registers `set`. */
export const registerSet: Register = (set, { context, withGlobals }) => {
  set.helpCommand(false).enablePositionalOptions();
  addClusterFlags(set, { isHidden: true });
  const globals = <Flags extends object>(flags: Flags): Flags =>
    withGlobals({ ...set.opts(), ...flags });
  const changing = (name: string, description: string, usage: string): Command =>
    addWriteFlags(
      addSelectorFlags(
        addFileFlags(
          set
            .command(name)
            .description(description)
            .usage(`TYPE NAME | TYPE/NAME... | TYPE -l SELECTOR | -f FILE ${usage} [flags]`)
            .argument('[words...]', 'as in: deploy/web, then what changes'),
        ),
      ),
      'kubectl-set',
    );
  addClusterFlags(
    changing('image', 'set the images of containers', 'CONTAINER=IMAGE... | *=IMAGE'),
  ).action(async (words: readonly string[], flags) =>
    (await import('../commands/set-image.ts')).setImage(context, words, globals(flags)),
  );
  addClusterFlags(
    changing('env', 'set the variables of containers', 'NAME=VALUE... NAME-...')
      .option('-c, --containers <pattern>', 'only of these; * stands for anything', '*')
      .option('-e, --env <change>', 'NAME=VALUE or NAME-, as among the words (repeatable)', append)
      .option('--from <source>', 'all keys of configmap/NAME or secret/NAME')
      .option('--keys <names>', 'only these keys of it', appendNames)
      .option('--prefix <text>', 'before the names of these variables')
      .option('--list', 'print what there is')
      .option('--overwrite [boolean]', 'also where it has another value (default: true)'),
  ).action(async (words: readonly string[], flags) =>
    (await import('../commands/set-env.ts')).setEnv(context, words, globals(flags)),
  );
};
