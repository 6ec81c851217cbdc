import type { RotatedFile } from '@fairway/host';
import type { AuditBackend, LostEvents } from './audit-backend.ts';
import type { AuditEvent, AuditFormat } from './audit-event.ts';

export interface AuditLogOptions {
  readonly lines: RotatedFile;
  readonly format: AuditFormat;
  /**
   * `blocking` has requests wait until their events are written; `blocking-strict` also refuses those whose
   * first event cannot be.
   */
  readonly mode: 'blocking' | 'blocking-strict';
  readonly lostEvents: LostEvents;
}

/**
 * Writes events as lines, those of one turn of the event loop at once. What cannot be written is lost, and
 * counted.
 */
export class AuditLog implements AuditBackend {
  readonly #options: AuditLogOptions;
  #waiting: string[] = [];
  #written: Promise<boolean> | undefined;

  constructor(options: AuditLogOptions) {
    this.#options = options;
  }

  take(event: AuditEvent): Promise<boolean> {
    this.#waiting.push(event.line(this.#options.format));
    return (this.#written ??= new Promise((resolve) => {
      setImmediate(() => resolve(this.#write()));
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#written;
    await this.#options.lines[Symbol.asyncDispose]();
  }

  /** Whether requests may go on. */
  #write(): boolean {
    const { lines, mode, lostEvents } = this.#options;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#written = undefined;
    try {
      lines.append(waiting.length === 1 ? (waiting[0] ?? '') : waiting.join(''));
      return true;
    } catch (error) {
      lostEvents.lost('log', waiting.length, error);
      return mode !== 'blocking-strict';
    }
  }
}
