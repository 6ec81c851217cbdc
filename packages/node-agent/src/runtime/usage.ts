/** What a container takes of the machine. */
export interface ContainerUsage {
  readonly containerId: string;
  readonly podUid: string;
  readonly name: string;
  /** When it was read, in milliseconds since 1970. */
  readonly timeMs: number;
  /** Of all its life. */
  readonly cpuNanoseconds: number;
  /** What cannot be given back without its harm. */
  readonly workingSetBytes: number;
  readonly usedBytes?: number;
  readonly rssBytes?: number;
  readonly writtenBytes?: number;
}

/** How full a file system is. */
export interface FilesystemUsage {
  readonly mountPoint: string;
  readonly timeMs: number;
  /** By what this is about: images, or all of the file system. */
  readonly usedBytes: number;
  readonly inodesUsed?: number;
}
