import { addClusterFlags } from '../connection/cluster-flags.ts';
import { append } from '../flag-values.ts';
import { addFileFlags, addLabelFlag } from '../selection/selection-flags.ts';
import { addValidateFlag, addWriteFlags } from '../writes/write-flags.ts';
import type { Register } from './registration.ts';

/** Registers `create`. */
export const registerCreate: Register = (create, { context, withGlobals }) => {
  create
    .helpCommand(false)
    .enablePositionalOptions()
    .usage('-f FILE [flags] | COMMAND [flags]')
    .argument('[words...]')
    .option('--save-config', 'note in the object what it is, for `apply`');
  addValidateFlag(addWriteFlags(addLabelFlag(addFileFlags(create)), 'kubectl-create'));
  addClusterFlags(create).action(async (words: readonly string[], flags) =>
    (await import('../commands/create.ts')).create(context, words, withGlobals(flags)),
  );
  addClusterFlags(
    create
      .command('token')
      .description('ask for a token of a service account')
      .argument('[names...]', 'the account')
      .option('--audience <name>', 'whom the token is for (repeatable)', append, [])
      .option(
        '--duration <time>',
        'how long it shall live: 10m, 1h; 0s leaves it to the server',
        '0s',
      )
      .option('--bound-object-kind <kind>', 'end it with an object: Node, Pod or Secret')
      .option('--bound-object-name <name>', 'the name of that object')
      .option('--bound-object-uid <uid>', 'its uid; that of the one there when absent')
      .option('-o, --output <format>', 'json, yaml, name or jsonpath=TEMPLATE'),
  ).action(async (names: readonly string[], flags) =>
    (await import('../commands/create-token.ts')).createToken(
      context,
      names,
      withGlobals({ ...create.opts(), ...flags }),
    ),
  );
};
