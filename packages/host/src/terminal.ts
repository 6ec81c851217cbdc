/** The terminal of whoever started this program, as an argument. */
export interface Terminal {
  /** Whether what is typed comes from a terminal. */
  readonly hasInput: boolean;
  /** In characters; undefined where what is printed goes to no terminal. */
  size(): TerminalSize | undefined;
  /** Tells of each new size until disposed of. */
  onResize(run: (size: TerminalSize) => void): Disposable;
  /**
   * Gives the input every key as it is typed, Ctrl-C too, until disposed of. However this program ends, other than by
   * SIGKILL, its terminal is as it was.
   */
  takeKeys(): Disposable;
}

export interface TerminalSize {
  readonly width: number;
  readonly height: number;
}
