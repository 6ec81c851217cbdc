import type { Command } from 'commander';
import { addClusterFlags } from '../connection/cluster-flags.ts';
import { addLabelFlag } from '../selection/selection-flags.ts';
import type { Register } from './registration.ts';

/** Registers `top` and its commands. */
export const registerTop: Register = (top, { context, withGlobals }) => {
  const node = withTopFlags(top.command('node').alias('nodes').alias('no'))
    .description('what nodes use')
    .argument('[name]')
    .option('--show-capacity [boolean]', 'parts of all that nodes have, not of what pods may take');
  addClusterFlags(node).action(async (name: string | undefined, flags) =>
    (await import('../commands/top.ts')).topNode(context, name, withGlobals(flags)),
  );
  const pod = withTopFlags(top.command('pod').alias('pods').alias('po'))
    .description('what pods use')
    .argument('[name]')
    .option('-A, --all-namespaces', 'in every namespace')
    .option('--containers', 'each container by itself')
    .option('--sum', 'the sum of all at the end')
    .option('--field-selector <selector>', 'only pods with these fields: metadata.name=web');
  addClusterFlags(pod).action(async (name: string | undefined, flags) =>
    (await import('../commands/top.ts')).topPod(context, name, withGlobals(flags)),
  );
};

function withTopFlags(command: Command): Command {
  return addLabelFlag(command)
    .option('--sort-by <resource>', 'cpu or memory, the largest first')
    .option('--no-headers', 'leave out the names of the columns')
    .option('--use-protocol-buffers [boolean]', 'without effect: JSON is asked for');
}
