/** What becomes of a file that lines are added to, as it grows. */
export interface RotationOptions {
  /** Before it would have more, it is put aside and a new one begun. */
  readonly bytesMax: number;
  /** How many that were put aside are kept; 0: all. */
  readonly keptFilesMax: number;
  /** How long they are kept; 0: for ever. */
  readonly keptMs: number;
  /** Whether they are compressed with gzip. */
  readonly compresses: boolean;
  /** Told of files put aside that could not be compressed or removed; lines are added all the same. */
  readonly onFailure: (error: unknown) => void;
}

/** A file that lines are added to. Those that were put aside lie beside it: `audit-2026-01-02T15-04-05.000.log`. */
export interface RotatedFile extends AsyncDisposable {
  /**
   * Adds to the file, and returns when the system has taken it. Errors: the system's; then nothing of it is
   * in the file.
   */
  append(text: string): void;
}
