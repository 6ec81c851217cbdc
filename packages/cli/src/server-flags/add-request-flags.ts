import type { Command } from 'commander';

/** Adds how many requests a server runs at once, and how long what lasts: flags of a kube-apiserver. */
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
    )
    .option('--request-timeout <time>', 'to the beginning of an answer (1m0s)')
    .option(
      '--min-request-timeout <seconds>',
      'how long watches last at least whose callers do not say (1800)',
    )
    .option('--event-ttl <time>', 'how long events stay (1h0m0s)')
    .option(
      '--shutdown-delay-duration <time>',
      'how long requests are still answered after a signal, while /readyz fails (0s)',
    );
}
