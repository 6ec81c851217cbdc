export { type ListenAddress, type Listener, type ListenOptions, listen } from './listen.ts';
export { ListenError, type ListenProblem } from './listen-error.ts';
export type { ServerTls } from './node-server.ts';
export { type ServingLimits, defaultServingLimits } from './serving-limits.ts';

export { type TraceOptions, traceRequests, traceUpgrades } from './filters/trace-requests.ts';
export {
  errorResponse,
  type ReportOptions,
  reportErrors,
  reportUpgradeErrors,
  statusResponse,
} from './filters/report-errors.ts';
export { type InFlightOptions, limitInFlight, limitUpgrades } from './filters/limit-in-flight.ts';
export {
  type DeadlineOptions,
  type UpgradeDeadlineOptions,
  enforceDeadline,
  enforceUpgradeDeadline,
} from './filters/enforce-deadline.ts';
export { limitBody } from './filters/limit-body.ts';
export { waitForTurn } from './filters/wait-for-turn.ts';
export { releaseBody } from './pump-body.ts';
export { type Upstream, type Forwarding, forwardRequest, forwardUpgrade } from './forward.ts';
export { compress } from './filters/compress.ts';
export {
  type HealthCheck,
  type HealthOptions,
  answerHealth,
  healthNames,
  isHealthPath,
} from './health.ts';
