import type { Command } from 'commander';

/** Adds how many requests a server runs at once: flags of a kube-apiserver. */
export function addRequestFlags(command: Command): Command {
  return command
    .optionsGroup('Requests:')
    .option(
      '--enable-priority-and-fairness [bool]',
      'whether requests wait for their turn, by flow schemas and priority levels; true unless told',
    )
    .option(
      '--max-requests-inflight <count>',
      'requests that only read at once (400); with fairness a part of what all levels share',
    )
    .option(
      '--max-mutating-requests-inflight <count>',
      'requests that write at once (200); with fairness a part of what all levels share',
    );
}
