import { type Client, isAlreadyExists, isNotFound } from '@fairway/client';
import { type Logger, silentLogger, sleep } from '@fairway/host';
import {
  ApiError,
  type KubernetesObject,
  type ObjectMeta,
  type ResourceDescriptor,
  apiVersionOf,
  formatTime,
} from '@fairway/protocol';
import { type Correlation, EventCorrelator } from './event-correlator.ts';

/** Records events about objects, as `kubectl describe` shows them. */
export interface EventRecorder {
  /** Records an event and returns at once; drops it when too many wait to be sent. */
  record(
    kind: ResourceDescriptor,
    object: KubernetesObject,
    event: {
      readonly type: 'Normal' | 'Warning';
      /** Why, in one word of the program: `ScaledUp`. */
      readonly reason: string;
      readonly message: string;
    },
  ): void;
  /** Resolves when all that was recorded so far has been sent, or given up. */
  flushed(): Promise<void>;
}

interface Event extends KubernetesObject {
  readonly metadata: ObjectMeta;
  readonly involvedObject: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly source: { readonly component: string };
  readonly reportingComponent: string;
  readonly reportingInstance: string;
}

const Event: ResourceDescriptor<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  isNamespaced: true,
};

const waitingMax = 1_000;
const triesMax = 12;
const retryMs = 10_000;

/**
 * Makes a recorder that sends events until the signal aborts.
 *
 * `component`: who says it, such as `shop-operator`.
 */
export function createEventRecorder(options: {
  readonly client: Client;
  readonly component: string;
  readonly signal: AbortSignal;
  readonly logger?: Logger;
}): EventRecorder {
  const { client, component, signal, logger = silentLogger } = options;
  const sender = new EventSender(client, { signal, logger });
  const correlator = new EventCorrelator(client.clock);
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  return {
    record(kind, object, said) {
      if (waiting >= waitingMax || signal.aborted) {
        logger.warn('an event was dropped', { reason: said.reason, waiting });
        return;
      }
      const event = eventOf(client, { kind, object, component, said });
      const outcome = correlator.correlate({
        source: component,
        object: JSON.stringify(event.involvedObject),
        ...said,
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

function eventOf(
  { clock, random }: Client,
  about: {
    readonly kind: ResourceDescriptor;
    readonly object: KubernetesObject;
    readonly component: string;
    readonly said: { readonly type: string; readonly reason: string; readonly message: string };
  },
): Event {
  const { kind, object, component, said } = about;
  const { name = '', namespace, uid } = object.metadata ?? {};
  const now = formatTime(clock.now());
  const suffix = random.uuid().replaceAll('-', '').slice(0, 16);
  return {
    // Events on objects without a namespace live in the default one.
    metadata: { name: `${name}.${suffix}`, namespace: namespace ?? 'default' },
    involvedObject: {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      ...(namespace === undefined ? {} : { namespace }),
      name,
      ...(uid === undefined ? {} : { uid }),
    },
    ...said,
    count: 1,
    firstTimestamp: now,
    lastTimestamp: now,
    source: { component },
    reportingComponent: component,
    reportingInstance: '',
  };
}

/** Sends events one after the other. */
class EventSender {
  readonly #client: Client;
  readonly #signal: AbortSignal;
  readonly #logger: Logger;
  /** The names of the events that repeats are counted in. */
  readonly #names = new Map<string, string>();

  constructor(
    client: Client,
    { signal, logger }: { readonly signal: AbortSignal; readonly logger: Logger },
  ) {
    this.#client = client;
    this.#signal = signal;
    this.#logger = logger;
  }

  /** Sends an event, trying for two minutes; true when the one that it repeats was gone. */
  async send(event: Event, outcome: Exclude<Correlation, { kind: 'dropped' }>): Promise<boolean> {
    for (let attempt = 1; !this.#signal.aborted; attempt++) {
      try {
        return await this.#sendOnce(event, outcome);
      } catch (error) {
        if (this.#signal.aborted) break;
        // What the server has refused it will refuse again.
        if (error instanceof ApiError || attempt >= triesMax) {
          this.#logger.warn('an event could not be sent', { reason: event.reason, error });
          return false;
        }
      }
      await this.#pause(attempt);
    }
    return false;
  }

  async #sendOnce(
    event: Event,
    outcome: Exclude<Correlation, { kind: 'dropped' }>,
  ): Promise<boolean> {
    const { key, message } = outcome;
    const name = this.#names.get(key);
    const options = { namespace: event.metadata.namespace ?? 'default', signal: this.#signal };
    if (outcome.kind === 'repeated' && name !== undefined) {
      const { lastTimestamp } = event;
      const merge = { count: outcome.count, message, lastTimestamp };
      try {
        await this.#client.patch(Event, name, { merge }, options);
        return false;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        this.#names.delete(key);
      }
    }
    try {
      await this.#client.create(Event, { ...event, message }, options);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    this.#remember(key, event.metadata.name ?? '');
    return outcome.kind === 'repeated' && name !== undefined;
  }

  #remember(key: string, name: string): void {
    this.#names.set(key, name);
    if (this.#names.size <= namesMax) return;
    for (const oldest of this.#names.keys()) {
      this.#names.delete(oldest);
      return;
    }
  }

  // The first retry waits for a random time: all clients of a restarted server would come at the
  // same moment otherwise.
  async #pause(attempt: number): Promise<void> {
    const { clock, random } = this.#client;
    const delayMs = attempt === 1 ? retryMs * random.fraction() : retryMs;
    try {
      await sleep(clock, delayMs, this.#signal);
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    }
  }
}

const namesMax = 4_096;
