import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { addClusterFlags } from '../connection/cluster-flags.ts';

/** Adds `typegen`: TypeScript for what a cluster has of its own. */
export function addTypegenCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('typegen')
    .description('write TypeScript types for the custom resources of a cluster')
    .option('--out <dir>', 'where to write them, a folder per group', 'kinds');
  addClusterFlags(command).action(async (flags) =>
    (await import('../commands/typegen.ts')).typegen(context, { ...program.opts(), ...flags }),
  );
}
