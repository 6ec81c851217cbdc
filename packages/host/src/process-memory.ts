/** The memory of this process, as an argument. */
export interface ProcessMemory {
  /** What objects of JavaScript take, those included that nothing holds any more. */
  readonly heapBytes: number;
  /** How long the event loop has been at work since the process began, in milliseconds. */
  readonly busyMs: number;
  /**
   * Gives back what nothing holds any more. Everything else stands still meanwhile: about 3 ms for each
   * MB that is held.
   */
  collect(): void;
}
