import type { Command } from 'commander';
import { addClusterFlags } from '../connection/cluster-flags.ts';
import { appendNames } from '../flag-values.ts';
import type { Register } from './registration.ts';
import { wordsAfterMark } from './words-after-mark.ts';

/** Registers `exec`. */
export const registerExec: Register = (command, { context, withGlobals, onEnd }) => {
  command
    .usage('POD | TYPE/NAME [-c CONTAINER] [-it] [flags] -- PROGRAM [ARGUMENTS...]')
    .argument('[words...]', 'as in: web -- ls -l, -it deploy/web -- sh');
  addEnterFlags(command).action(async (words: readonly string[], flags) => {
    const after = wordsAfterMark(command);
    const before = words.slice(0, words.length - (after?.length ?? 0));
    const { exec } = await import('../commands/exec.ts');
    onEnd(await exec(context, { before, after }, withGlobals(flags)));
  });
};

/** Registers `attach`. */
export const registerAttach: Register = (command, { context, withGlobals, onEnd }) => {
  command
    .usage('POD | TYPE/NAME [-c CONTAINER] [-it] [flags]')
    .argument('[words...]', 'as in: web, -it deploy/web');
  addEnterFlags(command).action(async (words: readonly string[], flags) => {
    const { attach } = await import('../commands/attach.ts');
    onEnd(await attach(context, words, withGlobals(flags)));
  });
};

function addEnterFlags(command: Command): Command {
  command
    .option('-c, --container <name>', 'the container; its default or first one unless told')
    .option('-i, --stdin', 'hand over what is typed or piped in')
    .option('-t, --tty', 'with a terminal, where this is one')
    .option('-q, --quiet', 'print nothing but what the program prints')
    .option('-f, --filename <file>', 'the pod or workload in this file', appendNames)
    .option('--pod-running-timeout <time>', 'how long to wait for a first pod', '1m0s');
  return addClusterFlags(command);
}
