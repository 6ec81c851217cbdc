import { addClusterFlags } from '../connection/cluster-flags.ts';
import { addFileFlags, addSelectorFlags } from '../selection/selection-flags.ts';
import { addOutcomeFlags, addWriteFlags } from '../writes/write-flags.ts';
import type { Register } from './registration.ts';

/** Registers `scale`. */
export const registerScale: Register = (command, { context, withGlobals }) => {
  command
    .usage('--replicas=COUNT TYPE NAME | TYPE/NAME... | TYPE -l SELECTOR | -f FILE [flags]')
    .argument('[resources...]', 'as in: deploy web, rs/web sts/db')
    .option('--replicas <count>', 'how many there are to be')
    .option('--current-replicas <count>', 'only where there are to be so many now', '-1')
    .option('--resource-version <version>', 'only if the object is still this one')
    .option('--timeout <time>', 'wait so long until there are so many; 0s does not wait', '0s');
  addWriteFlags(addSelectorFlags(addFileFlags(command)), 'kubectl-scale');
  addClusterFlags(command).action(async (words: readonly string[], flags) =>
    (await import('../commands/scale.ts')).scale(context, words, withGlobals(flags)),
  );
};

/** Registers `wait`. */
export const registerWait: Register = (command, { context, withGlobals }) => {
  command
    .usage('TYPE NAME | TYPE/NAME... | TYPE -l SELECTOR | TYPE --all | -f FILE --for=WISH [flags]')
    .argument('[resources...]', 'as in: pod web, deploy/web, pods -l app=web')
    .option('--for <wish>', 'condition=NAME[=VALUE], jsonpath={.path}[=VALUE], create or delete')
    .option('--timeout <time>', 'how long: 30s, 5m; 0s looks once, -1s waits a week', '30s');
  addOutcomeFlags(addSelectorFlags(addFileFlags(command)));
  addClusterFlags(command).action(async (words: readonly string[], flags) =>
    (await import('../commands/wait.ts')).wait(context, words, withGlobals(flags)),
  );
};
