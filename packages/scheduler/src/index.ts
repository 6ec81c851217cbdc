export { type Scheduler, type SchedulerOptions, createScheduler } from './create-scheduler.ts';
export {
  type ClusterSchedulerOptions,
  createSchedulerElector,
  runScheduler,
} from './run-scheduler.ts';
export type { Profile } from './cycle/profile.ts';
export { defaultProfile } from './cycle/default-profile.ts';
