import { addClusterFlags } from '../connection/cluster-flags.ts';
import { appendNames } from '../flag-values.ts';
import { addFileFlags } from '../selection/selection-flags.ts';
import type { Register } from './registration.ts';

/** Registers `get`. */
export const registerGet: Register = (get, { context, withGlobals }) => {
  addFileFlags(get)
    .usage('TYPE [NAME...] | TYPE/NAME... | -f FILE | --raw PATH [flags]')
    .argument('[resources...]', 'as in: pods, deploy/web, svc,ep, all')
    .option('-A, --all-namespaces', 'in every namespace')
    .option('-l, --selector <selector>', 'only objects with these labels: app=web,tier!=test')
    .option('--field-selector <selector>', 'only objects with these fields: metadata.name=web')
    .option('-w, --watch', 'go on with every change')
    .option('--watch-only', 'only what changes from now on')
    .option(
      '-o, --output <format>',
      'json, yaml, wide, name, custom-columns=NAME:PATH,…, custom-columns-file=FILE, jsonpath=TEMPLATE, jsonpath-as-json=TEMPLATE or jsonpath-file=FILE',
    )
    .option('--template <template>', 'the template of -o jsonpath')
    .option('--sort-by <path>', 'in the order of a field: .metadata.name')
    .option('-L, --label-columns <labels>', 'labels as columns of their own', appendNames)
    .option('--subresource <name>', 'a part of the objects: status, scale')
    .option('--no-headers', 'leave out the names of the columns')
    .option('--show-labels', 'labels as the last column')
    .option('--show-kind', 'the type before each name')
    .option('--show-managed-fields', 'keep managedFields in json and yaml')
    .option('--ignore-not-found', 'nothing, where a name does not exist')
    .option('--chunk-size <count>', 'objects per request; 0 asks for all at once', '500')
    .option('--raw <path>', 'the answer to this path as it comes');
  addClusterFlags(get).action(async (resources: readonly string[], flags) =>
    (await import('../commands/get.ts')).get(context, resources, withGlobals(flags)),
  );
};
