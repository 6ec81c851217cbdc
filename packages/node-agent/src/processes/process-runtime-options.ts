import type {
  BackgroundProcesses,
  Clock,
  Files,
  Logger,
  MachineFiles,
  Random,
} from '@fairway/host';
import type { ApiRoute } from './api-relay.ts';

export interface ProcessRuntimeOptions {
  /** For what it keeps of pods; another one for each agent. Absolute. */
  readonly directory: string;
  /** A folder of the machine that no container sees, but for what is mounted of it. */
  readonly hiddenDirectory?: string;
  /** `10.244.0.0/24`; the first one counts. */
  readonly podCidrs: readonly string[];
  /** The addresses of services, of IPv4; absent: there are none. */
  readonly serviceCidr?: string;
  /** The service that leads to the API server; absent: none. */
  readonly api?: ApiRoute;
  /** As `processHost` has found out. */
  readonly isRoot: boolean;
  /** This Node.js, by its file: the shims of pods run in it. */
  readonly nodeProgram: string;
  readonly host: {
    readonly clock: Clock;
    readonly random: Random;
    readonly logger: Logger;
    readonly files: Files;
    readonly machine: MachineFiles;
    readonly background: BackgroundProcesses;
  };
}
