import type { Clock } from './clock.ts';
import type { Environment } from './environment.ts';
import type { Files } from './files.ts';
import type { Logger } from './logger.ts';
import type { Processes } from './processes.ts';
import type { Random } from './random.ts';

/** The whole machine, for entry points. Anything else asks for the part that it uses. */
export interface Host {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly processes: Processes;
  readonly environment: Environment;
  readonly logger: Logger;
}
