/** The server's half of exec, attach and port-forward. Needs Node.js. */
export { acceptPorts } from './pod-streams/accept-ports.ts';
export type { ServedPorts } from './pod-streams/served-ports.ts';
export { acceptProcess } from './pod-streams/accept-process.ts';
export type {
  ProcessStreams,
  Program,
  Scheduler,
  ServedProcess,
} from './pod-streams/served-process.ts';
export type { TerminalSize } from './pod-streams/terminal-sizes.ts';
