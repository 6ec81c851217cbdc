import { addClusterFlags } from '../connection/cluster-flags.ts';
import { appendNames } from '../flag-values.ts';
import type { Register } from './registration.ts';

/** Registers `events`. */
export const registerEvents: Register = (events, { context, withGlobals }) => {
  events
    .option('-A, --all-namespaces', 'in every namespace')
    .option('--for <object>', 'only those of an object: pod/web')
    .option('--types <types>', 'only those of these types: Normal, Warning', appendNames)
    .option('-w, --watch', 'go on with every event that comes')
    .option('-o, --output <format>', 'json, yaml, name or jsonpath=TEMPLATE')
    .option('--no-headers', 'leave out the names of the columns')
    .option('--show-managed-fields', 'keep managedFields in json and yaml')
    .option('--chunk-size <count>', 'objects per request; 0 asks for all at once', '500');
  addClusterFlags(events).action(async (flags) =>
    (await import('../commands/events.ts')).events(context, withGlobals(flags)),
  );
};
