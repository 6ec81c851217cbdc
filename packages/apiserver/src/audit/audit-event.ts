import type { AuditStage } from './audit-policy.ts';

/** What an event is made of, as JSON that is put together once. */
export interface AuditEventParts {
  readonly stage: AuditStage;
  /** `"level":…` to `"responseStatus":{…}`, with commas between. */
  readonly about: string;
  /** `,"requestObject":…,"responseObject":…`, or nothing. */
  readonly objects: string;
  /** `,"requestReceivedTimestamp":…,"stageTimestamp":…`. */
  readonly times: string;
  readonly annotations: ReadonlyMap<string, string>;
  /** The one line of the legacy format. */
  readonly legacyLine: () => string;
}

/** How events stand in a log. */
export type AuditFormat = 'json' | 'legacy';

/** One stage of one request. Source: audit.k8s.io/v1 Event. */
export class AuditEvent {
  readonly #parts: AuditEventParts;
  #text: string | undefined;

  constructor(parts: AuditEventParts) {
    this.#parts = parts;
  }

  get stage(): AuditStage {
    return this.#parts.stage;
  }

  /** The fields of the event as JSON, without its braces. */
  get fields(): string {
    return (this.#text ??= this.#write());
  }

  /** As it stands in a log: with its kind, and a line for itself. */
  line(format: AuditFormat): string {
    if (format === 'legacy') return `${this.#parts.legacyLine()}\n`;
    return `{"kind":"Event","apiVersion":"audit.k8s.io/v1",${this.fields}}\n`;
  }

  /** The same without objects, and a note that there were some. */
  truncated(): AuditEvent {
    const annotations = new Map([
      ...this.#parts.annotations,
      ['audit.k8s.io/truncated', 'true'] as const,
    ]);
    return new AuditEvent({ ...this.#parts, objects: '', annotations });
  }

  #write(): string {
    const { about, objects, times, annotations } = this.#parts;
    if (annotations.size === 0) return about + objects + times;
    let notes = '';
    for (const [key, value] of annotations) {
      notes += `${notes === '' ? '' : ','}${quoted(key)}:${quoted(value)}`;
    }
    return `${about}${objects}${times},"annotations":{${notes}}`;
  }
}

/** A text as JSON. Most need no escapes, and `JSON.stringify` takes its time to find that out. */
export function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

const plain = /^[\w ./:=?&%(),;@+*-]*$/;

/** A list of events as webhooks get it. */
export function eventList(events: readonly AuditEvent[]): string {
  const items = events.map(({ fields }) => `{${fields}}`).join(',');
  return `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items}]}`;
}
