import type { BackgroundProcesses, Clock, Logger, MachineFiles } from '@fairway/host';
import type { HostDoors } from './host-capabilities.ts';

/** What of the machine it takes to run a containerd. */
export interface ContainerdDoors extends HostDoors {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly background: BackgroundProcesses;
  readonly machine: MachineFiles;
}
