import { namedFile } from '../flag-values.ts';

/** Where a cluster of one's own lies. */
export const dataDirFlag = [
  '--data-dir <dir>',
  'where the cluster keeps everything',
  namedFile,
  '.fairway',
] as const;

export const manifestsFlag = [
  '--pod-manifest-path <folder>',
  'run the pods whose manifests are in this folder, as static pods',
  namedFile,
] as const;

/** In place of a containerd of the node's own. */
export const runtimeEndpointFlag = [
  '--container-runtime-endpoint <socket>',
  'run pods in a container runtime that is there already: unix:///run/containerd/containerd.sock',
] as const;

/** When pods of a node are evicted. */
export const evictionFlag = [
  '--eviction-hard <thresholds>',
  'evict pods when less is left: of memory.available, nodefs.available, nodefs.inodesFree, imagefs.available, imagefs.inodesFree, pid.available (default: memory.available<100Mi,nodefs.available<10%,nodefs.inodesFree<5%,imagefs.available<15%,imagefs.inodesFree<5%)',
] as const;
