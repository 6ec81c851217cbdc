import type { AuditEvent } from './audit-event.ts';

/** Where events go. */
export interface AuditBackend extends AsyncDisposable {
  /**
   * Takes an event. Undefined where nobody waits for what becomes of it; otherwise whether the request may
   * go on, once the event is where it belongs, or could not get there.
   */
  take(event: AuditEvent): Promise<boolean> | undefined;
}

/** Told of events that could not be kept. */
export interface LostEvents {
  lost(plugin: string, count: number, error: unknown): void;
}
