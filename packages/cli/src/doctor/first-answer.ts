import type { HttpHeaders } from '@fairway/protocol';
import type { ServerTime } from './server-time.ts';

/** What `/version` was answered. */
export interface FirstAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** The body, or as much of it as it takes to know what answers. */
  readonly text: string;
  readonly serverTime?: ServerTime;
}
