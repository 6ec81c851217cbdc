import { humanDuration, parseTime } from '@fairway/protocol';

/**
 * How long ago a Time of the API was, as `humanDuration` writes it; `<unknown>` when it is none.
 * Source: kube-apiserver printers, translateTimestampSince.
 */
export function elapsedSince(time: string | undefined, nowMs: number): string {
  const sinceMs = time === undefined ? undefined : parseTime(time);
  return sinceMs === undefined ? '<unknown>' : humanDuration(nowMs - sinceMs);
}
