import type { Random } from '@fairway/host';
import type { ConnectParts } from '../connections/destination.ts';
import type { ServiceSlices } from '../reads/service-slices.ts';

/** To lead callers on to what answers them. */
export interface ProxyParts extends ConnectParts {
  readonly serviceSlices: ServiceSlices;
  readonly random: Random;
}
