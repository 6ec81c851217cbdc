import type { Register } from './registration.ts';
import { dataDirFlag } from './shared-flags.ts';

/** Registers `down`. */
export const registerDown: Register = (down, { context }) => {
  down
    .option(...dataDirFlag)
    .action(async (flags) => (await import('../commands/down.ts')).down(context, flags));
};
