/** What this process uses of the machine. What a system does not tell is absent. */
export interface ProcessFigures {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly virtualBytes?: number;
  readonly startedMs: number;
  readonly openFiles?: number;
  readonly openFilesMax?: number;
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
}
