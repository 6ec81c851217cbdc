import type { Shown } from '@fairway/kind-rules/shown';
import type { Event } from '@fairway/kinds/core/v1';
import { parseTime } from '@fairway/protocol';
import { type Lines, field, section, table } from './lines.ts';
import { type Moment, sinceText } from './moment.ts';

/** Events as a description ends with them, the latest last. */
export function eventLines(events: readonly Shown<Event>[], moment: Moment): Lines {
  if (events.length === 0) return [field('Events', '<none>')];
  const rows = [...events]
    .sort(byTime)
    .map((event) => [
      event.type ?? '',
      event.reason ?? '',
      ageText(event, moment),
      event.source?.component || (event.reportingComponent ?? ''),
      messageOf(event),
    ]);
  return section('Events', table(['Type', 'Reason', ['Age', 4], 'From', 'Message'], rows));
}

/** The latest last. */
export function byTime(one: Shown<Event>, other: Shown<Event>): number {
  return lastMs(one) - lastMs(other);
}

/** Those of no time go first. */
function lastMs({ lastTimestamp }: Shown<Event>): number {
  return lastTimestamp === undefined ? -Infinity : (parseTime(lastTimestamp) ?? -Infinity);
}

/** `9s (x4 over 2m)` */
export function ageText(event: Shown<Event>, moment: Moment): string {
  const { series, count = 0, eventTime, firstTimestamp, lastTimestamp } = event;
  const first = sinceText(eventTime ?? firstTimestamp, moment);
  if (series !== undefined) {
    return `${sinceText(series.lastObservedTime, moment)} (x${series.count ?? 0} over ${first})`;
  }
  return count > 1 ? `${sinceText(lastTimestamp, moment)} (x${count} over ${first})` : first;
}

function messageOf({ message = '', involvedObject }: Shown<Event>): string {
  const path = involvedObject?.fieldPath ?? '';
  return path === '' ? message.trim() : `${path}: ${message.trim()}`;
}
