/** Programs that go on when this one ends, as an argument. */
export interface BackgroundProcesses {
  /** Starts a program on its own; what it prints is appended to a file. */
  start(command: BackgroundCommand): Promise<BackgroundProcess>;
  /**
   * Tells a process from any other that gets its number later; undefined when there is none.
   *
   * Shape: equal texts mean the same process, also after a restart of the machine.
   */
  identityOf(pid: number): Promise<string | undefined>;
  /** Asks a process to end (`SIGTERM`) or ends it (`SIGKILL`). No effect when there is none. */
  signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void;
}

export interface BackgroundCommand {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  /** Made with mode 0600 when it does not exist. */
  readonly logFile: string;
}

export interface BackgroundProcess {
  readonly pid: number;
  /** Resolves when it ends while this program still runs. */
  readonly ended: Promise<void>;
}
