import type { AuditBackend, LostEvents } from './audit-backend.ts';
import type { AuditEvent } from './audit-event.ts';

/**
 * Takes the objects out of events that are too large; one that is still too large is lost.
 *
 * Source: apiserver, plugin/audit/truncate.
 */
export function truncateEvents(
  backend: AuditBackend,
  {
    eventBytesMax,
    plugin,
    lostEvents,
  }: {
    readonly eventBytesMax: number;
    readonly plugin: string;
    readonly lostEvents: LostEvents;
  },
): AuditBackend {
  const isTooLarge = ({ fields }: AuditEvent): boolean =>
    // Most events are small, however they are counted.
    fields.length * 3 > eventBytesMax && Buffer.byteLength(fields) > eventBytesMax;
  return {
    take(event) {
      if (!isTooLarge(event)) return backend.take(event);
      const cut = event.truncated();
      if (!isTooLarge(cut)) return backend.take(cut);
      lostEvents.lost(plugin, 1, new Error(`an event has more than ${eventBytesMax} bytes`));
      return undefined;
    },
    [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose](),
  };
}
