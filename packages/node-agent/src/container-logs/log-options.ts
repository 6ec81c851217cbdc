/** What is wanted of the log of a container. Source: core/v1 PodLogOptions. */
export interface LogOptions {
  /** Goes on until the container has ended. */
  readonly follow?: boolean;
  /** So many lines from the end; absent: all of the file. */
  readonly tailLines?: number;
  /** Nothing older, in milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Each line begins with its time. */
  readonly timestamps?: boolean;
  readonly limitBytes?: number;
  /** Absent: both. */
  readonly stream?: LogStream;
}

export type LogStream = 'stdout' | 'stderr';
