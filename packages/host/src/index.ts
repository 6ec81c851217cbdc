export type {
  AttachedCommand,
  AttachedProcess,
  AttachedProcesses,
  ProcessEnd,
} from './attached-processes.ts';
export type {
  BackgroundCommand,
  BackgroundProcess,
  BackgroundProcesses,
} from './background-processes.ts';
export { type Clock, type TimeLimit, type Timer, sleep, timeLimit } from './clock.ts';
export { DisposalStack } from './disposal-stack.ts';
export type { Environment } from './environment.ts';
export type { FileFacts, Files, NewFile } from './files.ts';
export { mappedBytes } from './mapped-bytes.ts';
export { messageOf } from './message-of.ts';
export { OwnedTimers } from './owned-timers.ts';
export { giveWay, runInTurns } from './give-way.ts';
export type { Host } from './host.ts';
export { type Logger, type LogFields, silentLogger } from './logger.ts';
export {
  type Command,
  CommandNotFoundError,
  type CommandResult,
  type Processes,
} from './processes.ts';
export type {
  FileEntry,
  FileSystemFacts,
  FolderUsage,
  GroupAccess,
  MachineFiles,
  MountPoint,
} from './machine-files.ts';
export type {
  MountRequest,
  MountsOutcome,
  PrivateFiles,
  PrivateFolder,
  PrivateMounts,
} from './private-files.ts';
export type { Random } from './random.ts';
export type { RotatedFile, RotationOptions } from './rotated-file.ts';
export { Secret } from './secret.ts';
export { Semaphore } from './semaphore.ts';
export type { ProcessFigures } from './process-figures.ts';
export type { ProcessMemory } from './process-memory.ts';
export { withToolPath } from './tool-path.ts';
export { untilAborted } from './until-aborted.ts';
export type { ReceivedSignal, SignalName, Signals } from './signals.ts';
export type { Terminal, TerminalSize } from './terminal.ts';
