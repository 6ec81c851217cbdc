import type { Register } from './registration.ts';
import { dataDirFlag } from './shared-flags.ts';

/** Registers `store`: what to do about a data directory that is damaged. */
export const registerStore: Register = (store, { context }) => {
  store.helpCommand(false);
  store
    .command('check')
    .description('say whether everything is what was written')
    .option(...dataDirFlag)
    .action(async (flags) => (await import('../commands/store.ts')).checkStore(context, flags));
  store
    .command('repair')
    .description('keep everything that is whole, and a copy of the damaged file')
    .option(...dataDirFlag)
    .action(async (flags) => (await import('../commands/store.ts')).repairStore(context, flags));
};
