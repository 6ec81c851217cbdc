import type { Host } from '@fairway/host';
import { elapsedSince } from '@fairway/kind-rules/shown';
import { parseTime } from '@fairway/protocol';

/** When somebody looks, and by which clock. */
export interface Moment {
  readonly nowMs: number;
  /** How far that clock is ahead of UTC at an instant. */
  readonly utcOffsetMinutes: (atMs: number) => number;
}

/** Now, by the clock of this machine. */
export function momentOf({ clock, environment }: Pick<Host, 'clock' | 'environment'>): Moment {
  return { nowMs: clock.now(), utcOffsetMinutes: environment.utcOffsetMinutes };
}

/** `Mon, 02 Jan 2006 15:04:05 +0100`; no time is the first second of the first year. Source: RFC 1123. */
export function timeText(time: string | undefined, { utcOffsetMinutes }: Moment): string {
  const atMs = time === undefined ? undefined : parseTime(time);
  if (atMs === undefined) return 'Mon, 01 Jan 0001 00:00:00 +0000';
  const offset = utcOffsetMinutes(atMs);
  return wallClock(atMs, offset).toUTCString().replace('GMT', offsetText(offset));
}

/** `2006-01-02 15:04:05 +0000 UTC`, as Go prints a time. */
export function plainTimeText(time: string | undefined, { utcOffsetMinutes }: Moment): string {
  const atMs = time === undefined ? undefined : parseTime(time);
  if (atMs === undefined) return '0001-01-01 00:00:00 +0000 UTC';
  const offset = utcOffsetMinutes(atMs);
  const [day = '', clock = ''] = wallClock(atMs, offset).toISOString().split('T');
  const text = offsetText(offset);
  return `${day} ${clock.slice(0, 8)} ${text} ${offset === 0 ? 'UTC' : text.replace(/00$/, '')}`;
}

/** How long ago, `5m`; `<unknown>` for no time. */
export function sinceText(time: string | undefined, { nowMs }: Moment): string {
  return elapsedSince(time, nowMs);
}

function wallClock(atMs: number, offset: number): Date {
  return new Date(Math.floor(atMs / 1000) * 1000 + offset * 60_000);
}

/** `+0530` */
function offsetText(offset: number): string {
  const minutes = Math.abs(offset);
  const two = (count: number): string => String(count).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}
