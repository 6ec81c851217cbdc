import type { SignalName } from './signals.ts';

/** Programs that have this one's terminal, input and output, as an argument. */
export interface AttachedProcesses {
  /** Starts a program. Errors: the system's, when it cannot be started. */
  start(command: AttachedCommand): Promise<AttachedProcess>;
}

export interface AttachedCommand {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
}

export interface AttachedProcess {
  readonly pid: number;
  /** No effect when it has ended. */
  signal(name: SignalName): void;
  readonly ended: Promise<ProcessEnd>;
}

/** An exit code, or the number of the signal that ended it. */
export type ProcessEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: number };
