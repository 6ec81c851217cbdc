import type { Command } from 'commander';
import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { PairField } from '../commands/label.ts';
import { addFileFlags, addLabelFlag, addSelectorFlags } from '../selection/selection-flags.ts';
import { addValidateFlag, addWriteFlags } from '../writes/write-flags.ts';
import type { Register, Registration } from './registration.ts';

/** Registers `patch`. */
export const registerPatch: Register = (command, { context, withGlobals }) => {
  command
    .usage('TYPE NAME | TYPE/NAME | -f FILE -p PATCH [flags]')
    .argument('[resources...]', 'as in: deploy web, svc/web')
    .option('-p, --patch <patch>', 'what changes, in JSON or YAML')
    .option('--patch-file <file>', 'a file with it')
    .option(
      '--type <type>',
      'strategic (lists merge), merge (RFC 7396) or json (RFC 6902)',
      'strategic',
    )
    .option('--subresource <name>', 'of a part of it: status, scale, resize');
  addWriteFlags(addFileFlags(command), 'kubectl-patch');
  addClusterFlags(command).action(async (words: readonly string[], flags) =>
    (await import('../commands/patch.ts')).patch(context, words, withGlobals(flags)),
  );
};

/** Registers `replace`. */
export const registerReplace: Register = (command, { context, withGlobals }) => {
  command
    .usage('-f FILE [flags]')
    .argument('[words...]')
    .option('--force', 'delete it first, and make it anew')
    .option('--save-config', 'note in the object what it is, for `apply`')
    .option('--subresource <name>', 'a part of it: status, scale');
  addValidateFlag(addWriteFlags(addLabelFlag(addFileFlags(command)), 'kubectl-replace'));
  addClusterFlags(command).action(async (words: readonly string[], flags) =>
    (await import('../commands/replace.ts')).replace(context, words, withGlobals(flags)),
  );
};

/** Registers `label`. */
export const registerLabel: Register = (command, registration) =>
  registerPairs(command, registration, 'labels');

/** Registers `annotate`. */
export const registerAnnotate: Register = (command, registration) =>
  registerPairs(command, registration, 'annotations');

function registerPairs(
  command: Command,
  { context, withGlobals }: Registration,
  field: PairField,
): void {
  command
    .usage('TYPE NAME | TYPE/NAME... | TYPE -l SELECTOR | -f FILE KEY=VALUE... KEY-... [flags]')
    .argument('[words...]', 'as in: pod web tier=front old-')
    .option('--overwrite [boolean]', 'also where it has another value')
    .option('--list', 'print what there is')
    .option('--resource-version <version>', 'only if the object is still this one');
  const manager = field === 'labels' ? 'kubectl-label' : 'kubectl-annotate';
  addWriteFlags(addSelectorFlags(addFileFlags(command)), manager);
  addClusterFlags(command).action(async (words: readonly string[], flags) => {
    const { changePairs } = await import('../commands/label.ts');
    await changePairs(context, { field, words }, withGlobals(flags));
  });
}
