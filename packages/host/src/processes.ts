import type { ProcessFigures } from './process-figures.ts';

/** Other programs as an argument, and this one. */
export interface Processes {
  /**
   * Runs a command to its end. Without a terminal it is ended as a whole, with the children that it
   * started: after its own end, its time, more output than wanted, and with this process.
   *
   * Errors: throws `CommandNotFoundError` when there is no such program. An exit code other than 0
   * is a result, not an error.
   */
  run(command: Command, signal?: AbortSignal): Promise<CommandResult>;
  /** What this process itself uses of the machine; absent where nobody asks. */
  readonly figures?: () => Promise<ProcessFigures>;
}

export interface Command {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `inherit` hands over the terminal; `none` gives an empty input. */
  readonly input: 'inherit' | 'none' | { readonly text: string };
  /** What it says of its failures is part of the output; absent: it goes where ours goes. */
  readonly errors?: 'in-output';
  readonly outputBytesMax: number;
  /** Takes what it prints as it comes, in place of the result, and without a bound. */
  readonly onOutput?: (chunk: Uint8Array) => void;
  /** `Infinity`: until the signal aborts. */
  readonly timeoutMs: number;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly output: Uint8Array;
}

export class CommandNotFoundError extends Error {
  override readonly name = 'CommandNotFoundError';
  readonly file: string;

  constructor(file: string, options?: { cause?: unknown }) {
    super(`no such program: ${file}`, options);
    this.file = file;
  }
}
