import type { Event } from '@fairway/kinds/core/v1';
import { eventToCore } from '../versions/convert-event.ts';
import type { TableColumns } from '../table-columns.ts';
import { defineTable, name, text, wide } from './define-table.ts';
import { elapsedSince } from './elapsed-since.ts';
import type { Shown } from './shown.ts';

/** A series shows its own last time and count. Source: kube-apiserver printers, printEvent. */
export const coreEvents: TableColumns = defineTable<Event>([
  text('Last Seen', 'Time since it last happened.', lastSeen),
  text('Type', 'Normal or Warning.', ({ type }) => type ?? ''),
  text('Reason', 'What happened, in a word.', ({ reason }) => reason ?? ''),
  text('Object', 'To which object it happened.', ({ involvedObject }) => {
    const kind = (involvedObject?.kind ?? '').toLowerCase();
    return involvedObject?.name ? `${kind}/${involvedObject.name}` : kind;
  }),
  wide(
    text('Subobject', 'To which part of the object.', ({ involvedObject }) => {
      return involvedObject?.fieldPath ?? '';
    }),
  ),
  wide(text('Source', 'Who says so.', eventSource)),
  text('Message', 'What happened.', ({ message }) => (message ?? '').trim()),
  wide(text('First Seen', 'Time since it first happened.', firstSeen)),
  wide(
    text('Count', 'How often it happened.', ({ series, count }) => {
      return series === undefined ? count || 1 : (series.count ?? 0);
    }),
  ),
  wide(name),
]);

/** The same events under their other names. */
export const events: TableColumns = {
  columns: coreEvents.columns,
  cells: (event, nowMs) => coreEvents.cells(eventToCore(event), nowMs),
};

function firstSeen({ firstTimestamp, eventTime }: Shown<Event>, nowMs: number): string {
  return elapsedSince(firstTimestamp ?? eventTime, nowMs);
}

function lastSeen(event: Shown<Event>, nowMs: number): string {
  const { series, lastTimestamp } = event;
  if (series !== undefined) return elapsedSince(series.lastObservedTime, nowMs);
  return lastTimestamp === undefined ? firstSeen(event, nowMs) : elapsedSince(lastTimestamp, nowMs);
}

/** `kubelet, node-1` */
function eventSource({ source, reportingComponent, reportingInstance }: Shown<Event>): string {
  const component = source?.component || reportingComponent || '';
  const instance = source?.host || reportingInstance;
  return instance ? `${component}, ${instance}` : component;
}
