import { Option } from 'commander';
import { addClusterFlags } from '../connection/cluster-flags.ts';
import { appendNames } from '../flag-values.ts';
import { addFileFlags, addLabelFlag, addSelectorFlags } from '../selection/selection-flags.ts';
import { addOutcomeFlags, addValidateFlag } from '../writes/write-flags.ts';
import type { Register } from './registration.ts';

/** Registers `apply`. */
export const registerApply: Register = (apply, { context, withGlobals }) => {
  apply
    .helpCommand(false)
    .enablePositionalOptions()
    .usage('-f FILE [flags]')
    .argument('[words...]')
    .option('--server-side', 'the server merges, and notes whose each field is')
    .option('--force-conflicts', 'take over fields of others; with --server-side')
    .option('--field-manager <name>', 'who owns the fields that are written')
    .option('--force', 'delete and make anew what cannot be changed')
    .option('--overwrite [boolean]', 'what others have changed is as the file says (default: true)')
    .option('--prune', 'delete what was applied once and is not in the files any more')
    .option('--prune-allowlist <type>', 'GROUP/VERSION/KIND to prune (repeatable)', appendNames)
    .option('--all', 'with --prune: whatever labels it has')
    .option('--dry-run [strategy]', 'keep nothing: client says what would be done, server tries it')
    .addOption(
      new Option('--cascade [policy]', 'of what is pruned: background, foreground, orphan').preset(
        'background',
      ),
    );
  addOutcomeFlags(addValidateFlag(addLabelFlag(addFileFlags(apply))));
  addClusterFlags(apply).action(async (words: readonly string[], flags) =>
    (await import('../commands/apply.ts')).apply(context, words, withGlobals(flags)),
  );
  const globals = <Flags extends object>(flags: Flags): Flags =>
    withGlobals({ ...apply.opts(), ...flags });
  const view = apply
    .command('view-last-applied')
    .description('show what objects were when they were last applied')
    .argument('[resources...]', 'as in: deploy web, svc/web')
    .option('-o, --output <format>', 'json or yaml', 'yaml');
  addClusterFlags(addSelectorFlags(addFileFlags(view))).action(
    async (words: readonly string[], flags) =>
      (await import('../commands/apply-last-applied.ts')).viewLastApplied(
        context,
        words,
        globals(flags),
      ),
  );
  const set = apply
    .command('set-last-applied')
    .description('note in objects what files say of them, and change nothing else')
    .option('--create-annotation', 'also in those without a note')
    .option('--dry-run [strategy]', 'keep nothing: client, or server');
  addClusterFlags(addOutcomeFlags(addFileFlags(set))).action(async (flags) =>
    (await import('../commands/apply-last-applied.ts')).setLastApplied(context, globals(flags)),
  );
};
