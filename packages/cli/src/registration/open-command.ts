import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { Register } from './registration.ts';

/** Registers `open`. */
export const registerOpen: Register = (command, { context, withGlobals }) => {
  command
    .usage('svc/NAME[:PORT] | pod/NAME[:PORT] [flags]')
    .argument('<what>', 'as in: svc/web, web:http, pod/web-0:8080')
    .option('-p, --port <port>', 'where to listen; 0 picks a free port', '0')
    .option('--no-browser', 'print the address and start no browser');
  addClusterFlags(command).action(async (word: string, flags) =>
    (await import('../commands/open.ts')).open(context, word, withGlobals(flags)),
  );
};
