import type { Client } from '@fairway/client';
import { type Logger, type Timer, silentLogger } from '@fairway/host';
import type { KubernetesObject, ResourceDescriptor } from '@fairway/protocol';
import { EventCorrelator } from './event-correlator.ts';
import { EventLane } from './event-lane.ts';
import { EventSender } from './event-sender.ts';
import { EventName, type EventText, type RecordedEvent, recordedEvent } from './recorded-event.ts';

/** Records events about objects, as `kubectl describe` shows them. */
export interface EventRecorder {
  /**
   * Records an event and returns at once. The same said again is counted in one event; what is said
   * too often, or while too many events wait to be sent, is dropped.
   */
  record(kind: ResourceDescriptor, object: KubernetesObject, text: EventText): void;
  /**
   * Resolves when all that was recorded so far has been sent, or given up. A program that ends waits for
   * it after the signal has aborted: three seconds at most.
   */
  flushed(): Promise<void>;
}

/** Events that wait to be sent where the caller names no other number; more are dropped. */
const eventsWaitingMaxByDefault = 1_000;

/** How long after the signal has aborted what waits is still sent. */
const lastSendsMs = 3_000;

/**
 * Makes a recorder that takes events until the signal aborts, and then still sends those that wait,
 * each with one more try: to the API of core/v1, where one that repeats is a higher `count`.
 *
 * `component`: who says it, such as `shop-operator`. `instance`: which of several, its host say. `lane`: what
 * it shares with other recorders of this process. `eventsWaitingMax`: more that wait to be sent are dropped; 1,000
 * when absent.
 */
export function createEventRecorder(options: {
  readonly client: Client;
  readonly component: string;
  readonly instance?: string;
  readonly signal: AbortSignal;
  readonly logger?: Logger;
  readonly lane?: EventLane;
  readonly eventsWaitingMax?: number;
}): EventRecorder {
  const { client, component, instance, signal, logger = silentLogger } = options;
  const { lane = new EventLane(), eventsWaitingMax = eventsWaitingMaxByDefault } = options;
  const source = { component, ...(instance === undefined ? {} : { host: instance }) };
  const cut = new AbortController();
  const sender = new EventSender(client, { ending: signal, cut: cut.signal, logger });
  const correlator = new EventCorrelator(client.clock);
  const name = new EventName(client.random);
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  let deadline: Timer | undefined;
  const end = (): void => {
    deadline = client.clock.schedule(lastSendsMs, () => {
      logger.warn('events are lost: they could not be sent before the end', { component, waiting });
      cut.abort();
    });
  };
  // The signal may live long: it is listened to only while there is something to lose.
  const beginWaiting = (): void => {
    if (waiting++ === 0) signal.addEventListener('abort', end, { once: true });
  };
  const endWaiting = (): void => {
    if (--waiting > 0) return;
    signal.removeEventListener('abort', end);
    deadline?.cancel();
  };
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
      const event = recordedEvent(client.clock, { name, kind, object, source, text });
      const outcome = correlator.correlate({
        source: JSON.stringify(source),
        object: subjectOf(event),
        ...text,
      });
      if (outcome.kind === 'dropped') return;
      beginWaiting();
      last = last
        .then(() => lane.run(() => sender.send(event, outcome)))
        .then((isMadeAnew) => (isMadeAnew ? correlator.countAnew(outcome.key) : undefined))
        .finally(endWaiting);
    },
    flushed: () => last,
  };
}

/** An object stays the same one when its version changes. */
function subjectOf({ involvedObject }: RecordedEvent): string {
  const { resourceVersion: _, ...subject } = involvedObject;
  return JSON.stringify(subject);
}
