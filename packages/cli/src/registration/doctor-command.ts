import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { Register } from './registration.ts';

/** Registers `doctor`. */
export const registerDoctor: Register = (command, { context, withGlobals, onEnd }) => {
  command
    .usage('[--can VERB RESOURCE]... [flags]')
    .option('--can <words...>', 'what you want to do: a verb and a resource (repeatable)')
    .option('--subresource <name>', 'a part of it: log, exec, scale')
    .option('-o, --output <format>', 'json or yaml')
    .option('--step-timeout <time>', 'how long one exchange with somebody else may take', '5s')
    .option('--plugin-timeout <time>', 'how long a credential plugin may take', '30s');
  addClusterFlags(command).action(async (flags) =>
    onEnd(await (await import('../commands/doctor.ts')).doctor(context, withGlobals(flags))),
  );
};
