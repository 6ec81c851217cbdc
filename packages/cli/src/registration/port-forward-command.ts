import { addClusterFlags } from '../connection/cluster-flags.ts';
import { appendNames } from '../flag-values.ts';
import type { Register } from './registration.ts';

/** Registers `port-forward`. */
export const registerPortForward: Register = (command, { context, withGlobals }) => {
  command
    .usage('POD | TYPE/NAME [LOCAL:]REMOTE... [flags]')
    .argument('[words...]', 'as in: web 8080, deploy/web 8443:https, svc/web :80')
    .option(
      '--address <addresses>',
      'where to listen: localhost, IP addresses (default: localhost)',
      appendNames,
    )
    .option('--pod-running-timeout <time>', 'how long to wait for a first pod', '1m0s');
  addClusterFlags(command).action(async (words: readonly string[], flags) =>
    (await import('../commands/port-forward.ts')).portForward(context, words, withGlobals(flags)),
  );
};
