import { Option } from 'commander';
import { addClusterFlags } from '../connection/cluster-flags.ts';
import { addFileFlags, addSelectorFlags } from '../selection/selection-flags.ts';
import type { Register } from './registration.ts';

/** Registers `delete`. */
export const registerDelete: Register = (command, { context, withGlobals }) => {
  command
    .usage('-f FILE | TYPE NAME... | TYPE/NAME... | TYPE -l SELECTOR | TYPE --all [flags]')
    .argument('[resources...]', 'as in: pod web, deploy/web svc/web, pods,svc -l app=web');
  addSelectorFlags(addFileFlags(command))
    .addOption(
      new Option(
        '--cascade [policy]',
        'what becomes of what belongs to it: background, foreground (first), orphan (it stays)',
      ).preset('background'),
    )
    .option('--dry-run [strategy]', 'keep all: client only says, server goes through all but it')
    .option('--force', 'at once, without waiting for what runs to have ended')
    .option(
      '--grace-period <seconds>',
      'time for what runs to end; -1 leaves it to the object',
      '-1',
    )
    .option('--ignore-not-found [boolean]', 'what does not exist is gone as wished')
    .option('-i, --interactive', 'ask before')
    .option('--now', 'as --grace-period=1')
    .option('-o, --output <format>', 'name: only what is deleted')
    .option('--timeout <time>', 'how long to wait: 30s, 5m; 0s is a week', '0s')
    .option('--wait [boolean]', 'wait until they are gone (default: true)');
  addClusterFlags(command).action(async (words: readonly string[], flags) =>
    (await import('../commands/delete.ts')).deleteObjects(context, words, withGlobals(flags)),
  );
};
