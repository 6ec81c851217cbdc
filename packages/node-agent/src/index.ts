export {
  type TokenKeeper,
  type Trouble,
  accountFiles,
  keepToken,
} from './service-account/keep-token.ts';
export {
  type ContainerEnvironment,
  containerEnvironment,
} from './environment/container-environment.ts';
export { expandVariables } from './environment/expand-variables.ts';
export { serviceVariables } from './environment/service-variables.ts';
export { PodError, type PodSources, podSources } from './pod-sources.ts';
export { type TokenFile, type VolumeFiles, volumeFiles } from './volumes/volume-files.ts';
export { parseStages } from './simulated/parse-stages.ts';
export {
  type SimulatedNodesOptions,
  checkNodeCount,
  runSimulatedNodes,
} from './simulated/run-simulated-nodes.ts';
export type { Stage } from './simulated/stage.ts';
export { StageError } from './simulated/stage-fields.ts';
