import type {
  AttachedProcesses,
  BackgroundProcesses,
  Host,
  MachineFiles,
  PrivateFiles,
  ProcessMemory,
  Signals,
  Terminal,
} from '@fairway/host';
import type { Output } from './output/output.ts';

/** What a command has to work with. */
export interface CommandContext {
  readonly host: Host;
  readonly output: Output;
  /** What is piped or typed in; nothing is taken of it before somebody reads. */
  readonly input: AsyncIterable<Uint8Array>;
  readonly background: BackgroundProcesses;
  readonly attached: AttachedProcesses;
  readonly machineFiles: MachineFiles;
  readonly privateFiles: PrivateFiles;
  readonly memory: ProcessMemory;
  /** For a command in whose place another program runs; `signal` does not abort while they are taken. */
  readonly signals: Signals;
  readonly terminal: Terminal;
  readonly program: Program;
  /** Aborts when the user wants an end: Ctrl-C, or SIGTERM. */
  readonly signal: AbortSignal;
}

/** This program, as something that can be started once more. */
export interface Program {
  readonly pid: number;
  /** How its user types it: `fairway`, or `npx fairway`. */
  readonly command: string;
  readonly file: string;
  /** Everything before the arguments of the user. */
  readonly arguments: readonly string[];
}
