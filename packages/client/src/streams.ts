/** Processes, ports, logs and files of pods: connections that last, for Node.js, Bun and Deno. */
export { type AttachOptions, type ExecOptions, attach, exec } from './streams/exec.ts';
export type { ProcessExit } from './streams/exit-status.ts';
export type { ProcessInput, ProcessOutput, RemoteProcess } from './streams/remote-process.ts';
export { type ForwardPortOptions, forwardPort } from './streams/forward-port.ts';
export {
  type CarryOptions,
  type PortForward,
  carryConnections,
} from './streams/carry-connections.ts';
export { type PodConnections, openPodConnections, openPodPort } from './streams/pod-connections.ts';
export { type StreamAddress, openPorts, openProcess } from './streams/stream-address.ts';
export { type LogOptions, logBytes, logs } from './streams/logs.ts';
export {
  type CopyFromOptions,
  type CopyOptions,
  type CopyToOptions,
  copyFromPod,
  copyToPod,
} from './streams/copy-pod-files.ts';
export { type TarEntry, TarError, type TarLink } from './streams/tar/tar-entry.ts';
export { readTar } from './streams/tar/read-tar.ts';
export { writeTar } from './streams/tar/write-tar.ts';
