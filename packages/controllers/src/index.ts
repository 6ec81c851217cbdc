export { type ClusterControllersOptions, runControllers } from './run-controllers.ts';
