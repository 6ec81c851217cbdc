import type { Duplex } from 'node:stream';
import type { Clock, Random } from '@fairway/host';
import type { RateLimit } from './limit-rate.ts';
import type { TransportLimits } from './node-transport.ts';
import type { Retry } from './retry-requests.ts';
import type { TraceContext } from './trace-requests.ts';

/** How to talk to a cluster, besides where it is. */
export interface TransportOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** For `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; when absent, none of the three is used. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Called with every Warning that the server sends. */
  readonly onWarning?: (text: string) => void;
  /**
   * Retries when the server asks for it, unless this is false: a proxy leaves retries to its
   * clients.
   */
  readonly isRetryWanted?: boolean;
  readonly onRetry?: (retry: Retry) => void;
  /** Bounds what this client asks for, watches excepted. No bound when absent: servers have their own. */
  readonly rateLimit?: RateLimit;
  /** Asked with every request. */
  readonly traceContext?: () => TraceContext | undefined;
  /** `fairway` when absent. */
  readonly userAgent?: string;
  /** HTTP/2 when the server speaks it, unless this is false. */
  readonly isHttp2Wanted?: boolean;
  /**
   * HTTP/2 only for what goes on for as long as somebody listens, if this is true. Everything else
   * has a connection of HTTP/1.1 while it lasts, which takes less than half of the CPU: for those who
   * pass on many requests.
   */
  readonly isHttp2ForWatchesOnly?: boolean;
  /**
   * Of several addresses, each is asked for `/readyz` so often, so that one is left before it goes. When
   * absent, only those are asked that have failed.
   */
  readonly healthCheckMs?: number;
  /** For servers that are reached over streams of something else, instead of connections to their address. */
  readonly openStream?: () => Promise<Duplex>;
  readonly limits?: Partial<TransportLimits>;
}
