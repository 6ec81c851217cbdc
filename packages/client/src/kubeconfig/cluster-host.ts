import type { Clock, Environment, Files, Logger, Processes } from '@fairway/host';

/** The parts of the machine that finding a cluster and proving who we are take. */
export interface ClusterHost {
  readonly files: Files;
  readonly environment: Environment;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly logger: Logger;
}
