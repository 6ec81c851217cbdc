import type { Command } from 'commander';
import { addClusterFlags } from '../connection/cluster-flags.ts';
import type { RolloutChange } from '../commands/rollout-change.ts';
import { addFileFlags, addLabelFlag } from '../selection/selection-flags.ts';
import { addOutcomeFlags, addWriteFlags } from '../writes/write-flags.ts';
import type { Register, Registration } from './registration.ts';

type Globals = Registration['withGlobals'];

/** Registers `rollout`. */
export const registerRollout: Register = (rollout, registration) => {
  rollout.helpCommand(false).enablePositionalOptions();
  addClusterFlags(rollout, { isHidden: true });
  const { context } = registration;
  const globals: Globals = (flags) => registration.withGlobals({ ...rollout.opts(), ...flags });
  const workloads = (name: string, description: string): Command =>
    addLabelFlag(
      addFileFlags(
        rollout
          .command(name)
          .description(description)
          .usage('TYPE NAME | TYPE/NAME... | TYPE -l SELECTOR | -f FILE [flags]')
          .argument('[resources...]', 'as in: deploy web, ds/log, sts -l app=db'),
      ),
    );
  addClusterFlags(
    workloads('status', 'tell how far a rollout is, until it is over')
      .option('-w, --watch [boolean]', 'until it is over (default: true)')
      .option(
        '--revision <number>',
        'only this one: another that comes meanwhile is a failure',
        '0',
      )
      .option('--timeout <time>', 'how long to wait: 30s, 5m; 0s has no end', '0s'),
  ).action(async (words: readonly string[], flags) =>
    (await import('../commands/rollout-status.ts')).rolloutStatus(context, words, globals(flags)),
  );
  addClusterFlags(
    addOutcomeFlags(
      workloads('history', 'show the revisions of a workload').option(
        '--revision <number>',
        'what the pods of this one are made from',
        '0',
      ),
    ),
  ).action(async (words: readonly string[], flags) =>
    (await import('../commands/rollout-history.ts')).rolloutHistory(context, words, globals(flags)),
  );
  addClusterFlags(
    addWriteFlags(
      workloads('undo', 'go back to an earlier revision').option(
        '--to-revision <number>',
        'to this one; 0 is the one before',
        '0',
      ),
      'kubectl-rollout',
    ),
  ).action(async (words: readonly string[], flags) =>
    (await import('../commands/rollout-undo.ts')).rolloutUndo(context, words, globals(flags)),
  );
  for (const [change, description] of changes) {
    addClusterFlags(
      addOutcomeFlags(workloads(change, description)).option(
        '--field-manager <name>',
        'who owns the fields that are written',
        'kubectl-rollout',
      ),
    ).action(async (words: readonly string[], flags) => {
      const { changeRollout } = await import('../commands/rollout-change.ts');
      await changeRollout(context, { change, words }, globals(flags));
    });
  }
};

const changes: readonly (readonly [RolloutChange, string])[] = [
  ['restart', 'make the pods of a workload anew, one after the other'],
  ['pause', 'hold what changes of a deployment would start'],
  ['resume', 'let a paused deployment go on'],
];
