import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { dataDirFlag } from './local-cluster-commands.ts';

/** Adds `store`: what to do about a data directory that is damaged. */
export function addStoreCommands(program: Command, context: CommandContext): void {
  const store = program
    .command('store')
    .description('check and repair what a stopped cluster has stored')
    .helpCommand(false);
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
}
