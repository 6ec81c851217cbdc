export { type ListenAddress, type Listener, type ListenOptions, listen } from './listen.ts';
export { ListenError, type ListenProblem } from './listen-error.ts';
export type { ServerTls } from './node-server.ts';
export { type ServingLimits, defaultServingLimits } from './serving-limits.ts';
export type { UpgradeHandler, UpgradeOutcome } from './upgrade.ts';
export { errorResponse, reportErrors, statusResponse } from './filters/report-errors.ts';
