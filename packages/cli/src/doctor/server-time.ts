import type { Clock } from '@fairway/host';
import { type HttpHeaders, headerOf } from '@fairway/protocol';

/** The server's clock beside ours. Unit: milliseconds since 1970. */
export interface ServerTime {
  readonly serverMs: number;
  /** Ours, in the middle between question and answer. */
  readonly localMs: number;
}

/** What an answer says of the server's clock, in whole seconds; undefined when it says nothing. */
export function readServerTime(
  headers: HttpHeaders,
  { clock, askedAtMs }: { readonly clock: Clock; readonly askedAtMs: number },
): ServerTime | undefined {
  const serverMs = Date.parse(headerOf(headers, 'date') ?? '');
  if (Number.isNaN(serverMs)) return undefined;
  // The header leaves out the fraction of its second: half of one on average.
  return { serverMs: serverMs + 500, localMs: (askedAtMs + clock.now()) / 2 };
}

/** The clock of the server minus ours. Unit: milliseconds. */
export function skewOf({ serverMs, localMs }: ServerTime): number {
  return serverMs - localMs;
}
