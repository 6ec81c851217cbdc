import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { Register } from './registration.ts';

/** Registers `who-can`. */
export const registerWhoCan: Register = (whoCan, { context, withGlobals }) => {
  whoCan
    .usage('VERB TYPE | TYPE/NAME | PATH [flags]')
    .argument('[words...]', 'as in: get pods, delete deploy/web, get /healthz')
    .option('-A, --all-namespaces', 'by the bindings of every namespace')
    .option('--subresource <name>', 'a part of it: log, exec, scale')
    .option('-o, --output <format>', 'json, yaml or jsonpath=TEMPLATE');
  addClusterFlags(whoCan).action(async (words: readonly string[], flags) =>
    (await import('../commands/who-can.ts')).showWhoCan(context, words, withGlobals(flags)),
  );
};
