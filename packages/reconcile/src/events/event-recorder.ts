import type { Client } from '@fairway/client';
import { type Logger, silentLogger } from '@fairway/host';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { EventCorrelator } from './event-correlator.ts';
import { EventSender } from './event-sender.ts';
import { type EventText, type RecordedEvent, recordedEvent } from './recorded-event.ts';

/** Records events about objects, as `kubectl describe` shows them. */
export interface EventRecorder {
  /**
   * Records an event and returns at once. The same said again is counted in one event; what is said
   * too often, or while too many events wait to be sent, is dropped.
   */
  record(kind: ResourceDescriptor, object: KubernetesObject, text: EventText): void;
  /** Resolves when all that was recorded so far has been sent, or given up. */
  flushed(): Promise<void>;
}

/** Events that wait to be sent; more are dropped. */
const eventsWaitingMax = 1_000;

/**
 * Makes a recorder that sends events until the signal aborts: to the API of core/v1, where one that
 * repeats is a higher `count`.
 *
 * `component`: who says it, such as `shop-operator`. `instance`: which of several, its host say.
 */
export function createEventRecorder(options: {
  readonly client: Client;
  readonly component: string;
  readonly instance?: string;
  readonly signal: AbortSignal;
  readonly logger?: Logger;
}): EventRecorder {
  const { client, component, instance, signal, logger = silentLogger } = options;
  const source = { component, ...(instance === undefined ? {} : { host: instance }) };
  const sender = new EventSender(client, { signal, logger });
  const correlator = new EventCorrelator(client.clock);
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let isDropping = false;
  return {
    record(kind, object, text) {
      if (signal.aborted) return;
      if (waiting >= eventsWaitingMax) {
        // Said once: whoever records this much would fill the log as well.
        if (!isDropping) logger.warn('events are dropped', { component, waiting });
        isDropping = true;
        return;
      }
      isDropping = false;
      const event = recordedEvent(client, { kind, object, source, text });
      const outcome = correlator.correlate({
        source: JSON.stringify(source),
        object: subjectOf(event),
        ...text,
      });
      if (outcome.kind === 'dropped') return;
      waiting++;
      last = last
        .then(() => sender.send(event, outcome))
        .then((isMadeAnew) => (isMadeAnew ? correlator.countAnew(outcome.key) : undefined))
        .finally(() => waiting--);
    },
    flushed: () => last,
  };
}

/** An object stays the same one when its version changes. */
function subjectOf({ involvedObject }: RecordedEvent): string {
  const { resourceVersion: _, ...subject } = involvedObject;
  return JSON.stringify(subject);
}
