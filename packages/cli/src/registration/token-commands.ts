import { addClusterFlags } from '../connection/cluster-flags.ts';
import { appendNames } from '../flag-values.ts';
import type { Register } from './registration.ts';

/** Registers `token`: the tokens by which nodes join a cluster. */
export const registerToken: Register = (token, { context, withGlobals }) => {
  token.helpCommand(false).enablePositionalOptions();
  addClusterFlags(token, { isHidden: true });
  const globals = <Flags extends object>(flags: Flags): Flags =>
    withGlobals({ ...token.opts(), ...flags });
  addClusterFlags(
    token
      .command('create')
      .argument('[token]', 'ID.SECRET; a new one when absent')
      .description('make a token')
      .option('--print-join-command', 'print what to type on the machine that is to join')
      .option('--ttl <time>', 'how long it lives; 0 is for ever', '24h0m0s')
      .option('--usages <names>', 'what it is for (default: signing,authentication)', appendNames)
      .option(
        '--groups <names>',
        'of who uses it (default: system:bootstrappers:kubeadm:default-node-token)',
        appendNames,
      )
      .option('--description <text>', 'for people'),
  ).action(async (given: string | undefined, flags) =>
    (await import('../commands/token.ts')).createBootstrapToken(context, given, globals(flags)),
  );
  addClusterFlags(token.command('list').description('list the tokens, with their secrets')).action(
    async (flags) =>
      (await import('../commands/token.ts')).listBootstrapTokens(context, globals(flags)),
  );
  addClusterFlags(
    token
      .command('delete')
      .argument('<token...>', 'their IDs, or whole')
      .description('delete tokens; nodes that have joined with them stay'),
  ).action(async (words: readonly string[], flags) =>
    (await import('../commands/token.ts')).deleteBootstrapTokens(context, words, globals(flags)),
  );
};
