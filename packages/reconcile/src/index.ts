export { type ObjectName, formatKey, keyOf, parseKey } from './cache/object-key.ts';
export type { Change, IndexBy } from './cache/object-cache.ts';
export type { ChangeStream } from './cache/change-stream.ts';
export {
  type CacheOptions,
  type Informer,
  type InformerOptions,
  createInformer,
} from './cache/informer.ts';
export { type Informers, createInformers } from './cache/informers.ts';
export { type LeanOptions, inNamespace, leanInformer } from './cache/lean-informer.ts';
export { withoutManagedFields } from './cache/without-managed-fields.ts';
export { WorkQueue } from './queue/work-queue.ts';
export {
  type RateLimiter,
  exponentialLimiter,
  fastSlowLimiter,
  strictestLimiter,
  tokenBucketLimiter,
} from './queue/rate-limiter.ts';
export {
  type ReconcileLoopOptions,
  type ReconcileSource,
  type Requeue,
  TerminalError,
  ToldKeys,
  informerSource,
  requeueAfter,
  requeueWithBackoff,
  runReconcileLoop,
} from './reconcile-loop.ts';
export {
  type Controller,
  type ControllerOptions,
  type ControllerWatch,
  type Reconcile,
  type ReconcileRequest,
  createController,
} from './controller.ts';
export {
  controllerOf,
  controllerReference,
  groupOf,
  isControlledBy,
  ownerReference,
  refersTo,
  withOwner,
} from './owner-references.ts';
export { addFinalizer, hasFinalizer, isBeingDeleted, removeFinalizer } from './finalizers.ts';
export type { LeaderElectionOptions } from './leader-election/election.ts';
export {
  type LeaderElector,
  LeadershipLostError,
  createLeaderElector,
} from './leader-election/leader-elector.ts';
export { EventLane } from './events/event-lane.ts';
export { type EventRecorder, createEventRecorder } from './events/event-recorder.ts';
export type { EventText } from './events/recorded-event.ts';
export { deleteUnlessOutdated, unlessAnother, unlessOutdated } from './unless-outdated.ts';
export { type ComponentApi, clientAs } from './component/component-api.ts';
export { keepRunning } from './component/keep-running.ts';
export { whileLeading } from './component/while-leading.ts';
